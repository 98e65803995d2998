import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { f16Values, floatToBfloat, floatToHalf } from "../../../engine/graph/half";
import { blocks, type StorageType, storedBytes } from "../../../engine/graph/storage";
import { dequantize } from "../../../engine/load/dequantize";
import { hasInvalidScale, scaleOffsets } from "../../../engine/load/invalidScale";
import { type QuantizableType, quantize } from "../../../engine/load/quantize";
import { uniform } from "../random";
import { randomBlocks } from "./blocks";
import { fixture } from "./folder";

const peer = JSON.parse(await readFile(fixture("load/fixtures/quants.json"), "utf8")) as Record<
  "decode" | "encode",
  Record<string, Record<"blocks" | "values", string>>
>;

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const floatsOf = (base64: string) => new Float32Array(bytesOf(base64).buffer);
const types = Object.keys(blocks) as StorageType[];

for (const type of types)
  test(`${type}: blocks are decoded to the same bits as by gguf's Python package`, () => {
    const expected = floatsOf(peer.decode[type].values);
    const values = new Float32Array(expected.length);
    dequantize(type, bytesOf(peer.decode[type].blocks), values);
    assert.deepEqual(values, expected);
  });

for (const [type, { values, blocks }] of Object.entries(peer.encode))
  test(`${type}: values are quantized to the same blocks as by gguf's Python package`, () =>
    assert.deepEqual(quantize(type as QuantizableType, floatsOf(values)), bytesOf(blocks)));

test("f16: each of the 65536 becomes a float32 and itself again", () => {
  for (let bits = 0; bits < 65536; bits++)
    if (Number.isNaN(f16Values[bits])) assert.ok((floatToHalf(f16Values[bits]) & 0x7fff) > 0x7c00);
    else assert.equal(floatToHalf(f16Values[bits]), bits);
});

test("f16: between two neighbours the nearer one is taken, in the middle the even one", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [f16Values[bits], f16Values[bits + 1]];
    const middle = (low + high) / 2;
    assert.equal(floatToHalf(middle), bits + (bits & 1), `between ${low} and ${high}`);
    assert.equal(floatToHalf(low + (high - low) * 0.49), bits);
    assert.equal(floatToHalf(-low - (high - low) * 0.51), 0x8000 | (bits + 1));
  }
  assert.equal(floatToHalf(65519), 0x7bff);
  assert.equal(floatToHalf(65520), 0x7c00);
});

test("bf16: NaN stays NaN, and a value that is too large becomes infinite", () => {
  assert.equal(floatToBfloat(Number.NaN) & 0x7fff, 0x7fc0);
  assert.equal(floatToBfloat(3.4e38), 0x7f80);
});

test("bytes that do not fill the values are refused", () => {
  assert.throws(
    () => dequantize("q8_0", new Uint8Array(33), new Float32Array(32)),
    /32 values take 34 bytes as q8_0, got 33/,
  );
  assert.throws(() => quantize("q4_0", new Float32Array(31)), /q4_0 takes a multiple of 32 values, got 31/);
});

for (const type of types)
  test(`${type}: a scale that is not finite is found, wherever it is`, () => {
    const count = 5;
    const bytes = randomBlocks(type, count * blocks[type].values);
    assert.ok(!hasInvalidScale(type, bytes));
    for (let block = 0; block < count; block++)
      for (const offset of scaleOffsets[type])
        for (const half of type === "f32" || type === "bf16" ? [0x7f80, 0xff80, 0x7fc0] : [0x7c00, 0xfc00, 0x7e00]) {
          const broken = bytes.slice();
          new DataView(broken.buffer).setUint16(block * blocks[type].bytes + offset, half, true);
          assert.ok(hasInvalidScale(type, broken), `${half.toString(16)} at ${offset} of block ${block}`);
          const values = new Float32Array(count * blocks[type].values);
          dequantize(type, broken, values);
          assert.ok(!values.every(Number.isFinite));
        }
  });

for (const type of types)
  test(`${type}: a block with finite scales has finite values, whatever its other bits are`, () => {
    const bytes = randomBlocks(type, 1024);
    const values = new Float32Array(1024);
    for (let i = 0; i < 1000; i++) {
      bytes[Math.floor(uniform() * bytes.length)] ^= 1 << Math.floor(uniform() * 8);
      dequantize(type, bytes, values);
      assert.equal(hasInvalidScale(type, bytes), !values.every(Number.isFinite));
    }
    assert.equal(bytes.length, storedBytes(type, 1024));
  });
