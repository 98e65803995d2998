// GGUF's codes (docs/gguf.md and ggml.h in ggml-org/ggml), for reading and for writing.

import type { StorageType } from "../graph/storage";
import type { ScalarType } from "./checkpoint";

/** What every GGUF file starts with. */
export const magic = "GGUF";
export const defaultAlignment = 32;
export const stringCode = 8;
export const arrayCode = 9;

type Value = number | bigint | boolean;

interface Scalar {
  code: number;
  bytes: number;
  read(from: Buffer, at: number): Value;
  write(to: Buffer, value: Value, at: number): void;
}

/** The metadata values of fixed size. */
export const scalars: Record<Exclude<ScalarType, "string">, Scalar> = {
  u8: { code: 0, bytes: 1, read: (b, at) => b.readUInt8(at), write: (b, v, at) => b.writeUInt8(Number(v), at) },
  i8: { code: 1, bytes: 1, read: (b, at) => b.readInt8(at), write: (b, v, at) => b.writeInt8(Number(v), at) },
  u16: { code: 2, bytes: 2, read: (b, at) => b.readUInt16LE(at), write: (b, v, at) => b.writeUInt16LE(Number(v), at) },
  i16: { code: 3, bytes: 2, read: (b, at) => b.readInt16LE(at), write: (b, v, at) => b.writeInt16LE(Number(v), at) },
  u32: { code: 4, bytes: 4, read: (b, at) => b.readUInt32LE(at), write: (b, v, at) => b.writeUInt32LE(Number(v), at) },
  i32: { code: 5, bytes: 4, read: (b, at) => b.readInt32LE(at), write: (b, v, at) => b.writeInt32LE(Number(v), at) },
  f32: { code: 6, bytes: 4, read: (b, at) => b.readFloatLE(at), write: (b, v, at) => b.writeFloatLE(Number(v), at) },
  bool: { code: 7, bytes: 1, read: (b, at) => b.readUInt8(at) !== 0, write: (b, v, at) => b.writeUInt8(v ? 1 : 0, at) },
  u64: {
    code: 10,
    bytes: 8,
    read: (b, at) => narrow(b.readBigUInt64LE(at)),
    write: (b, v, at) => b.writeBigUInt64LE(BigInt(v), at),
  },
  i64: {
    code: 11,
    bytes: 8,
    read: (b, at) => narrow(b.readBigInt64LE(at)),
    write: (b, v, at) => b.writeBigInt64LE(BigInt(v), at),
  },
  f64: { code: 12, bytes: 8, read: (b, at) => b.readDoubleLE(at), write: (b, v, at) => b.writeDoubleLE(Number(v), at) },
};

/** GGUF's code of each type that tensors are stored in. */
export const storageCodes: Record<StorageType, number> = {
  f32: 0,
  f16: 1,
  bf16: 30,
  q4_0: 2,
  q4_1: 3,
  q5_0: 6,
  q5_1: 7,
  q8_0: 8,
  q2_k: 10,
  q3_k: 11,
  q4_k: 12,
  q5_k: 13,
  q6_k: 14,
};

/** Types that other programs know, so that a refusal can name them. */
export const foreignTypes: Record<number, string> = {
  4: "Q4_2",
  5: "Q4_3",
  9: "Q8_1",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
  40: "NVFP4",
};

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
