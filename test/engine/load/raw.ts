// Writes GGUF files byte by byte, with every kind of error.

export interface Raw {
  magic?: string;
  version?: number;
  tensorCount?: number | bigint;
  pairCount?: number | bigint;
  pairs?: Buffer[];
  tensors?: Buffer[];
  data?: Buffer;
}

/** A valid file, but for the given parts. */
export function raw({ magic = "GGUF", version = 3, pairs = [], tensors = [], data, ...counts }: Raw): Buffer {
  const { tensorCount = tensors.length, pairCount = pairs.length } = counts;
  const head = Buffer.concat([
    Buffer.from(magic),
    u32(version),
    u64(tensorCount),
    u64(pairCount),
    ...pairs,
    ...tensors,
  ]);
  return data ? Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), data]) : head;
}

export const pair = (key: string, code: number, ...value: Buffer[]): Buffer =>
  Buffer.concat([text(key), u32(code), ...value]);

export const tensor = (name: string, shape: (number | bigint)[], code: number, start: number | bigint): Buffer =>
  Buffer.concat([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(code), u64(start)]);

export const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export function u64(value: number | bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}
