// Training with Glassbox: LoRA on the built-in model, rank 8 on all linear layers, 4 sequences of 512 tokens a step, like
// training.py with PyTorch. Prints {tokensPerSecond, peakBytes, weightBytes} as JSON.

import { type AdapterConfig, createFineTuning, defaultTargets, loadEngine, type Sequence } from "../engine";
import { builtIn } from "./run";

const [size, length, steps] = [4, 512, 3];
const adapter: AdapterConfig = { kind: "lora", rank: 8, alpha: 16, experts: 1, targets: defaultTargets.lora };

const engine = await loadEngine(builtIn, { device: "cpu", threads: 2 });
const options = { adapter, steps: 1 + steps, size, rate: 1e-4, replayWeight: 0, seed: 0 };
const project = Array.from({ length: size }, (_, i) => sequence(i));
const fineTuning = await createFineTuning(engine.model, options, { project, replay: [] }, async () => {});
const seconds: number[] = [];
for (let i = 0; i <= steps; i++) {
  const started = performance.now();
  await fineTuning.step();
  seconds.push((performance.now() - started) / 1000);
}
const median = seconds.slice(1).sort((a, b) => a - b)[steps >> 1];
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ tokensPerSecond: (size * length) / median, peakBytes, weightBytes: engine.info.bytes }));
fineTuning.dispose();
await engine.dispose();

/** Random tokens; the work does not depend on which they are. */
function sequence(seed: number): Sequence {
  const tokens = Int32Array.from({ length: length + 1 }, (_, i) => (i * 7919 + seed * 104_729) % 40_000);
  return {
    tokens: tokens.slice(0, -1),
    targets: tokens.slice(1),
    positions: Int32Array.from({ length }, (_, i) => i),
    starts: new Int32Array(length),
    weights: new Float32Array(length).fill(1),
  };
}
