// A prompt in segments: whoever asks for one says of each stretch what it is, and finds it again in the whole.

/** A stretch of a prompt. What is laid out is made of these same objects, with all that they hold beside the ids. */
export interface Segment {
  readonly ids: readonly number[];
}

/** What stands between the texts: special tokens, and line ends that belong to the model's form. */
export interface ControlSegment extends Segment {
  readonly kind: "control";
}

export const control = (...ids: number[]): ControlSegment => ({ kind: "control", ids });

/** The token ids of the whole. */
export const idsOf = (segments: readonly Segment[]): number[] => segments.flatMap(({ ids }) => ids);
