// Just enough of writing GGUF (version 3) for a random model: metadata and the table of tensors.

export interface Value {
  kind: number;
  bytes: Buffer;
}

export interface TensorEntry {
  name: string;
  /** Innermost first, as in the file. */
  dims: number[];
  type: number;
  /** A multiple of 32, so that tensors follow each other without gaps. */
  size: number;
}

const written = (size: number, write: (to: Buffer) => void) => {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
};
const word = (n: number) => written(4, (to) => to.writeUInt32LE(n));
const long = (n: number) => written(8, (to) => to.writeBigUInt64LE(BigInt(n)));
const text = (s: string) => Buffer.concat([long(Buffer.byteLength(s)), Buffer.from(s)]);

export const u32 = (n: number): Value => ({ kind: 4, bytes: word(n) });
export const i32 = (n: number): Value => ({ kind: 5, bytes: written(4, (to) => to.writeInt32LE(n)) });
export const f32 = (n: number): Value => ({ kind: 6, bytes: written(4, (to) => to.writeFloatLE(n)) });
export const string = (s: string): Value => ({ kind: 8, bytes: text(s) });
export const array = (values: Value[]): Value => ({
  kind: 9,
  bytes: Buffer.concat([word(values[0].kind), long(values.length), ...values.map(({ bytes }) => bytes)]),
});

/** Everything before the tensors' values, padded to where they begin. */
export function header(metadata: Record<string, Value>, tensors: TensorEntry[]): Buffer {
  const entries = Object.entries(metadata);
  const parts: Buffer[] = [Buffer.from("GGUF"), word(3), long(tensors.length), long(entries.length)];
  for (const [key, { kind, bytes }] of entries) parts.push(text(key), word(kind), bytes);
  let offset = 0;
  for (const { name, dims, type, size } of tensors) {
    parts.push(text(name), word(dims.length), ...dims.map(long), word(type), long(offset));
    offset += size;
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, Buffer.alloc((32 - (length % 32)) % 32)]);
}
