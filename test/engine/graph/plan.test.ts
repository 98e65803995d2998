// How a plan assigns slots to the outputs of its calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plan } from "../../../engine/graph/plan";
import { state, type Tensor } from "../../../engine/graph/tensor";
import { add, attentionWithLse } from "../../../engine/ops";

const x = state("x", [4, 1, 16]);
const attend = () => attentionWithLse(x, x, x, state("positions", [4], "i32"), { scale: 1 });
const slotsOf = (outputs: Record<string, Tensor>) => {
  const { steps, slots } = plan(outputs);
  return { slots, placed: steps.map(({ outputs }) => outputs.map(({ place }) => "slot" in place && place.slot)) };
};

test("a call with several outputs is one step, and each output has a slot of its own", () => {
  const [y, lse] = attend();
  assert.deepEqual(slotsOf({ lse, y }), { slots: [256, 16], placed: [[0, 1]] });
});

test("the slot of an output that nothing reads is reused by the next call, but not that of one that is read later", () => {
  const [y, lse] = attend();
  const next = add(state("a", [4]), state("b", [4]));
  assert.deepEqual(slotsOf({ y, next }).placed, [[0, 1], [1]]);
  assert.deepEqual(slotsOf({ y, next, sum: add(next, lse.reshape(4)) }).placed, [[0, 1], [2], [3]]);
});
