// A file that holds more than its model uses describes another model: what is left out changes every logit.

import { type Checkpoint, CheckpointError, quote } from "../load/checkpoint";

/**
 * What files hold that is computed from the metadata as well: llama.cpp's converters wrote the rotary frequencies into
 * each block of early Llamas. `rope_freqs` is read with the metadata.
 */
const harmless = [/^rope_freqs\.weight$/, /^blk\.\d+\.attn_rot_embd(\.inv_freq)?(\.weight)?$/];

/** Throws CheckpointError unless a model of `layers` blocks that uses the tensors of these names uses all that matter. */
export function expectNoMore({ path, tensors }: Checkpoint, used: ReadonlySet<string>, layers: number): void {
  const more = [...tensors.keys()].filter((name) => !used.has(name) && !harmless.some((known) => known.test(name)));
  if (!more.length) return;
  const [name] = more;
  const others = more.length > 1 ? ` (and ${more.length - 1} more)` : "";
  const block = Number(/^blk\.(\d+)\./.exec(name)?.[1]);
  throw new CheckpointError(
    block >= layers
      ? `${path}: the tensor ${quote(name)}${others} is of block ${block + 1}, the metadata says that there are ${layers}; ` +
          "the file is damaged, or its metadata was changed. Choose another file of this model"
      : `${path}: the tensor ${quote(name)}${others} is none that this architecture has, and the model would be wrong ` +
          "without it. Choose a model of another architecture",
  );
}
