// The order of calls: barriers only where a call reads what another writes, or overwrites what another reads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, listBytes } from "../../../engine/device/wasm/encode";
import { compileKernels, kernelsIn } from "../../../engine/device/wasm/kernels";
import type { Region } from "../../../engine/device/wasm/lower";
import { place, schedule } from "../../../engine/device/wasm/schedule";
import type { Params } from "../../../engine/ops/op";
import { integer } from "../random";

const region = (bytes = 64, constant = false): Region => ({ address: 0, bytes, arena: true, constant });

const call = (name: string, reads: Region[], writes: Region[], { items = 100, bytes = 0 } = {}) => ({
  name,
  kernel: { kernel: name, items, grain: 10, ...(bytes && { scratchBytes: bytes }) },
  params: {},
  inputs: reads.map((region) => ({ region, from: 0 })),
  outputs: writes.map((region) => ({ region, from: 0 })),
  reads,
  writes,
});

const names = (phases: ReturnType<typeof schedule<ReturnType<typeof call>>>) =>
  phases.map((chains) => chains.map((chain) => chain.map(({ name }) => name).join(" then ")).join(", "));

test("calls that do not depend on each other share a phase", () => {
  const [x, weights, q, k, v] = [region(), region(64, true), region(), region(), region()];
  assert.deepEqual(
    names(
      schedule([
        call("norm", [], [x]),
        call("q", [x, weights], [q]),
        call("k", [x, weights], [k]),
        call("v", [x, weights], [v]),
      ]),
    ),
    ["norm", "q, k, v"],
  );
});

test("a call waits for those that write what it reads, and for those that read or write what it writes", () => {
  const [a, b] = [region(), region()];
  assert.deepEqual(names(schedule([call("write", [], [a]), call("read", [a], [b])])), ["write", "read"]);
  assert.deepEqual(names(schedule([call("read", [a], [b]), call("overwrite", [], [a])])), ["read", "overwrite"]);
  assert.deepEqual(names(schedule([call("write", [], [a]), call("again", [], [a])])), ["write", "again"]);
});

test("calls of a single chunk are chained on one thread", () => {
  const [a, b, c, d] = [region(), region(), region(), region()];
  const small = { items: 1 };
  assert.deepEqual(
    names(
      schedule([
        call("add", [], [a], small),
        call("norm", [a], [b], small),
        call("big", [b], [c]),
        call("gate", [c], [d], small),
      ]),
    ),
    ["add then norm", "big", "gate"],
  );
});

test("a small call that needs two chains waits for both", () => {
  const [a, b, c] = [region(), region(), region()];
  const small = { items: 1 };
  assert.deepEqual(
    names(schedule([call("left", [], [a], small), call("right", [], [b], small), call("sum", [a, b], [c], small)])),
    ["left, right", "sum"],
  );
});

test("errors name a kernel that declares other params than the op has, and one that does not exist", async () => {
  const kernelNamed = kernelsIn(await compileKernels("kernels-plain.wasm"));
  const encoded = (kernel: string, params: Params) => {
    const bytes = new Uint8Array(listBytes(1));
    encode([[[{ ...call(kernel, [region()], [region()]), params }]]], 0, bytes, kernelNamed);
    return new DataView(bytes.buffer);
  };
  const scale = encoded("scale", { size: 64, by: 0.5 });
  assert.deepEqual([scale.getInt32(80, true), scale.getFloat32(84, true)], [64, 0.5]);
  assert.throws(() => encoded("scale", { by: 2, size: 64 }), /kernel scale declares the params size, by; .* by, size/);
  assert.throws(() => encoded("scale", { size: 64 }), /declares the params size, by; the op has size/);
  assert.throws(() => encoded("scales", { size: 64 }), /The CPU has no kernel named scales/);
});

test("random plans: no call of a phase touches what another one writes, and regions that are live together do not overlap", () => {
  for (let round = 0; round < 200; round++) {
    const regions = Array.from({ length: 8 }, () => region(64 * integer(1, 5)));
    const some = (count: number) => Array.from({ length: count }, () => regions[integer(0, 7)]);
    const calls = Array.from({ length: 30 }, (_, i) =>
      call(`${i}`, some(2), some(integer(1, 2)), { items: integer(1, 20) }),
    );
    const phases = schedule(calls);
    const order = new Map(
      phases.flatMap((chains, phase) =>
        chains.flatMap((chain, c) => chain.map((each, i) => [each.name, { phase, c, i }])),
      ),
    );
    assert.equal(order.size, calls.length);
    for (const [i, later] of calls.entries())
      for (const earlier of calls.slice(0, i)) {
        const conflict =
          later.reads.some((one) => earlier.writes.includes(one)) ||
          later.writes.some((one) => earlier.writes.includes(one) || earlier.reads.includes(one));
        const [before, after] = [order.get(earlier.name)!, order.get(later.name)!];
        const inOrder =
          before.phase < after.phase || (before.phase === after.phase && before.c === after.c && before.i < after.i);
        assert.ok(!conflict || inOrder, `${earlier.name} before ${later.name}`);
      }

    const end = place(
      phases,
      [regions[0]].filter((one) => calls.some((each) => [...each.reads, ...each.writes].includes(one))),
    );
    const life = (one: Region) => {
      const at = phases.flatMap((chains, phase) =>
        chains.flat().some((each) => [...each.reads, ...each.writes].includes(one)) ? [phase] : [],
      );
      return { from: at[0], to: one === regions[0] ? phases.length : at.at(-1)! };
    };
    const used = regions.filter((one) => life(one).from !== undefined);
    for (const [i, a] of used.entries())
      for (const b of used.slice(0, i)) {
        const together = life(a).from <= life(b).to && life(b).from <= life(a).to;
        const apart = a.address + a.bytes <= b.address || b.address + b.bytes <= a.address;
        assert.ok(!together || apart);
        assert.ok(a.address + a.bytes <= end);
      }
  }
});
