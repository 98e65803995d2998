// One LoRAMoE linear, its balance and the gradients of both, against values of the authors' formula.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import { gradients } from "../../../engine/graph/autograd";
import { plan } from "../../../engine/graph/plan";
import { state } from "../../../engine/graph/tensor";
import type { Routing } from "../../../engine/nn";
import { LoraExperts } from "../../../engine/nn/lora";
import { add, linear, mul, sumRows } from "../../../engine/ops";
import { balanceLoss } from "../../../engine/train/balance";
import { devices, furthestApart } from "../models/open";

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/"));
const known = JSON.parse(await readFile(new URL(`${root}/test/engine/train/fixtures/loramoe.json`), "utf8"));
const { linear: layer, balance, gradients: slopes } = known;

for (const choice of devices)
  test(`LoRAMoE on ${choice}: output, probabilities, balance and gradients are the authors'`, async () => {
    const members = layer.x.map((_: unknown, row: number) =>
      balance.types.map((_: unknown, text: number) => (Math.floor(row / balance.tokens) === text ? 1 : 0)),
    );
    const { upstream } = slopes;
    const given = { ...layer, upstream, members, labels: balance.labels } as Record<string, number[][]>;
    const tensor = (name: string) => state(name, [given[name].length, given[name][0].length]);
    const [x, weight, a, b, router] = ["x", "weight", "a", "b", "router"].map(tensor);
    const routing: Routing = new Map();
    const experts = new LoraExperts({ a, b, router }, layer.alpha / layer.rank);
    const y = add(linear(x, weight), experts.forward(x, { routing }));
    const probabilities = routing.get(router)!;
    const balanced = balanceLoss([probabilities], tensor("members"), tensor("labels"), balance.beta);
    const weighted = mul(y, tensor("upstream"));
    const total = add(sumRows(weighted.reshape(weighted.shape[0] * weighted.shape[1], 1)), balanced);
    const [ofX, ofA, ofB, ofRouter] = gradients(total, [x, a, b, router]);
    const { device } = await createDevice(choice, 2);
    try {
      const prepared = await device.prepare(plan({ y, probabilities, balanced, ofX, ofA, ofB, ofRouter }));
      for (const name of ["x", "weight", "a", "b", "router", "members", "labels", "upstream"])
        device.write(name, Float32Array.from(given[name].flat()));
      await prepared.run();
      const expected = {
        y: layer.y,
        probabilities: layer.shares,
        balanced: [balance.loss],
        ...{ ofX: slopes.x, ofA: slopes.a, ofB: slopes.b, ofRouter: slopes.router },
      };
      for (const [name, values] of Object.entries<number[]>(expected)) {
        const apart = furthestApart(await prepared.read(name as "y"), values.flat(2));
        assert.ok(apart <= 1e-5, `${name}: ${apart} apart`);
      }
    } finally {
      await device.dispose();
    }
  });
