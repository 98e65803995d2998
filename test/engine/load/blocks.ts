// Random stored numbers of any type, with scales that are finite and not too far from 1.

import { floatToHalf } from "../../../engine/graph/half";
import { blocks, type StorageType, storedBytes } from "../../../engine/graph/storage";
import { scaleOffsets } from "../../../engine/load/invalidScale";
import { type QuantizableType, quantize } from "../../../engine/load/quantize";
import { integer, normals, uniform } from "../random";

export function randomBlocks(type: StorageType, values: number): Uint8Array {
  if (blocks[type].values === 1) return quantize(type as QuantizableType, normals(values));
  const bytes = Uint8Array.from({ length: storedBytes(type, values) }, () => integer(0, 255));
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += blocks[type].bytes)
    for (const offset of scaleOffsets[type]) view.setUint16(at + offset, floatToHalf(uniform() / 8), true);
  return bytes;
}
