// A prompt in segments. The caller keeps what it knows of each segment, such as its origin, and gets it back in the layout.

/** A part of a prompt. A layout holds the caller's own objects, with whatever they hold beside the ids. */
export interface Segment {
  readonly ids: readonly number[];
}

/** What separates the texts: special tokens, and line ends that belong to the model's form. */
export interface ControlSegment extends Segment {
  readonly kind: "control";
}

export const control = (...ids: number[]): ControlSegment => ({ kind: "control", ids });

/** The token ids of the whole. */
export const idsOf = (segments: readonly Segment[]): number[] => segments.flatMap(({ ids }) => ids);
