// Samples a token from each row of logits. Items: rows.

import { Call, input, output } from "../device/wasm/call.simd";
import { local } from "../device/wasm/control.simd";
import { exponentials, maxOf } from "../device/wasm/rows.simd";

@unmanaged
export class SampleCall extends Call {
  rows: i32;
  vocab: i32;
  context: i32;
}

export function sample(call: SampleCall, from: i32, to: i32): void {
  const vocab = call.vocab;
  const bytes = (<usize>vocab) << 2;
  for (let row = from; row < to; row++) {
    const given = input(call, 0) + <usize>row * bytes;
    const logits = penalized(call, row, given, bytes);
    const temperature = <f64>setting(call, 0);
    let choice = -1;
    if (areNumbers(logits, bytes))
      choice =
        temperature > 0 ? draw(call, row, logits, bytes, temperature) : indexOf(logits, bytes, maxOf(logits, bytes));
    store<i32>(output(call) + ((<usize>row) << 2), choice);
    store<f32>(output(call, 1) + ((<usize>row) << 2), choice < 0 ? 0 : logProbability(given, bytes, choice));
  }
}

/** The logit less the log-sum-exp of all. */
function logProbability(logits: usize, bytes: usize, id: i32): f32 {
  const top = maxOf(logits, bytes);
  const distance = <f64>load<f32>(logits + ((<usize>id) << 2)) - <f64>top;
  return <f32>(distance - Math.log(exponentials(local() + bytes, logits, bytes, top)));
}

/** Whether no logit is NaN or +∞. */
function areNumbers(logits: usize, bytes: usize): bool {
  const infinity = f32x4.splat(Infinity);
  let below = i32x4.splat(-1);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) below = v128.and(below, f32x4.lt(v128.load(logits + at), infinity));
  let all = i32x4.all_true(below);
  for (; at < bytes; at += 4) all = all && load<f32>(logits + at) < Infinity;
  return all;
}

/** An option, in the order of sample.ts: temperature, top-k, top-p, min-p, repetition penalty, its window, seed. */
function setting(call: SampleCall, index: usize): f32 {
  return load<f32>(input(call, 3) + (index << 2));
}

function positionOf(call: SampleCall, row: i32): i32 {
  return load<i32>(input(call, 2) + ((<usize>row) << 2));
}

/** The logits; where the repetition penalty changes some, a copy in local memory. */
function penalized(call: SampleCall, row: i32, logits: usize, bytes: usize): usize {
  const penalty = setting(call, 4);
  const end = min(positionOf(call, row) + 1, call.context);
  const start = max(0, end - <i32>setting(call, 5));
  if (start >= end || penalty === 1) return logits;
  memory.copy(local(), logits, bytes);
  for (let i = start; i < end; i++) {
    const id = load<i32>(input(call, 1) + ((<usize>i) << 2));
    if (<u32>id >= <u32>call.vocab) continue;
    const logit = load<f32>(logits + ((<usize>id) << 2));
    store<f32>(local() + ((<usize>id) << 2), logit > 0 ? logit / penalty : logit * penalty);
  }
  return local();
}

/** The index of the first logit that equals `value`; 0 where none does. */
function indexOf(logits: usize, bytes: usize, value: f32): i32 {
  const values = f32x4.splat(value);
  let at: usize = 0;
  while (at + 16 <= bytes && !v128.any_true(f32x4.eq(v128.load(logits + at), values))) at += 16;
  for (; at < bytes; at += 4) if (load<f32>(logits + at) === value) return <i32>(at >> 2);
  return 0;
}

/** The highest logit / temperature + noise among those kept. */
function draw(call: SampleCall, row: i32, logits: usize, bytes: usize, temperature: f64): i32 {
  const threshold = lowestKept(call, logits, bytes);
  const seed = mix(mix(<u32>setting(call, 6)) ^ <u32>positionOf(call, row));
  // Noise is at most −log(−log(1 − 2^-24)) < 16.7. Most logits are too low to win whatever their noise, and are skipped.
  const argMax = indexOf(logits, bytes, maxOf(logits, bytes));
  let best = scoreOf(logits, argMax, temperature, seed);
  let choice = argMax;
  let floor = max(threshold, (best - 16.7) * temperature);
  for (let at: usize = 0; at < bytes; at += 4) {
    const logit = <f64>load<f32>(logits + at);
    if (logit < floor) continue;
    const id = <i32>(at >> 2);
    const score = scoreOf(logits, id, temperature, seed);
    if (score > best || (score === best && id < choice)) {
      best = score;
      choice = id;
      floor = max(threshold, (best - 16.7) * temperature);
    }
  }
  return choice;
}

function scoreOf(logits: usize, id: i32, temperature: f64, seed: u32): f64 {
  return <f64>load<f32>(logits + ((<usize>id) << 2)) / temperature + gumbel(seed, id);
}

/** −log(−log u), u uniform in (0, 1) from a 32-bit hash (the finalizer of MurmurHash3). */
function gumbel(seed: u32, id: i32): f64 {
  const hash = mix(seed ^ <u32>id);
  return -Math.log(-Math.log((<f64>(hash >> 9) + 0.5) / 8388608));
}

function mix(x: u32): u32 {
  let h = x + 0x9e3779b9;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/** The lowest logit that top-k, top-p and min-p all keep. */
function lowestKept(call: SampleCall, logits: usize, bytes: usize): f64 {
  const topK = <i32>setting(call, 1);
  const topP = <f64>setting(call, 2);
  const minP = <f64>setting(call, 3);
  const maxLogit = maxOf(logits, bytes);
  let threshold = minP > 0 ? <f64>maxLogit + Math.log(minP) : -Infinity;
  if (topK > 0 && topK < call.vocab) threshold = max(threshold, <f64>select(logits, 0, bytes, <f64>topK));
  if (topP >= 1) return threshold;
  const probabilities = local() + bytes;
  const total = exponentials(probabilities, logits, bytes, maxLogit);
  return max(threshold, <f64>select(logits, probabilities, bytes, topP * total));
}

/**
 * The highest logit such that the mass of the logits from it upwards is at least `mass`. A logit's mass is its
 * probability, or 1 where `probabilities` is 0. A radix selection, 11 bits at a time: of the logits that begin with the
 * bits found so far, it sums up the mass by the next bits.
 */
function select(logits: usize, probabilities: usize, bytes: usize, mass: f64): f32 {
  const masses = local() + 2 * bytes;
  let prefix: u32 = 0;
  let above: f64 = 0;
  for (let known: i32 = 32; known > 0; known = max(known - 11, 0)) {
    const shift = max(known - 11, 0);
    const buckets = (<u32>1) << (known - shift);
    memory.fill(masses, 0, (<usize>buckets) << 3);
    for (let at: usize = 0; at < bytes; at += 4) {
      const key = keyOf(load<f32>(logits + at));
      if (known < 32 && key >> known !== prefix >> known) continue;
      const bucket = masses + ((<usize>((key >> shift) & (buckets - 1))) << 3);
      store<f64>(bucket, load<f64>(bucket) + (probabilities ? <f64>load<f32>(probabilities + at) : 1));
    }
    let found: u32 = 0;
    for (let bucket = buckets; bucket-- > 0; ) {
      const here = load<f64>(masses + ((<usize>bucket) << 3));
      if (here === 0) continue;
      found = bucket; // ends as the lowest where rounding leaves the total below `mass`
      if (above + here >= mass) break;
      above += here;
    }
    prefix |= found << shift;
  }
  return numberOf(prefix);
}

/** An unsigned integer that orders as the number does. */
function keyOf(value: f32): u32 {
  const bits = reinterpret<u32>(value + 0);
  return bits & 0x80000000 ? ~bits : bits | 0x80000000;
}

function numberOf(key: u32): f32 {
  return reinterpret<f32>(key & 0x80000000 ? key & 0x7fffffff : ~key);
}
