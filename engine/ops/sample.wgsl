// A workgroup of 256 threads samples the token of one row. Each thread goes through every 256th logit, and does so
//   twice          for the highest logit and the mass of all, where top-k, top-p or min-p is used,
//   32 times       for top-k and top-p, where they are used: a bisection over the bits of the lowest logit that is kept,
//   once           for the highest logit / temperature + noise, and for the mass of all without the penalty.
// It neither sorts nor stores anything: the repetition penalty is applied anew each time a logit is read.
struct Params { rows: u32, vocab: u32, context: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> sequence: array<i32>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read> sampling: array<f32>; // order: sample.ts
@group(0) @binding(5) var<storage, read_write> y: array<i32>;
@group(0) @binding(6) var<storage, read_write> logProbability: array<f32>;

const NONE = 0xffffffffu;
const HIGHEST = 0x1.fffffep+127f; // stands for NaN or +∞ among the logits, with the token NONE: no number's score is as high
var<workgroup> counts: array<u32, THREADS>;
var<workgroup> repeated: array<atomic<u32>, THREADS>; // a bloom filter of the tokens in the penalty's window: bit `id % 8192`

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let window = windowOf(row);
  atomicStore(&repeated[thread], 0);
  workgroupBarrier();
  for (var i = window.x + i32(thread); i < window.y; i += i32(THREADS)) {
    let bit = u32(sequence[i]) % (32 * THREADS);
    atomicOr(&repeated[bit / 32], 1u << (bit % 32));
  }
  workgroupBarrier();

  let temperature = sampling[0];
  var threshold = LOWEST;
  if (temperature > 0) { threshold = lowestKept(row, window, thread); }
  var best = LOWEST;
  var token = NONE;
  var numbers = true;
  var top = LOWEST; // of the logits as given
  var mass = 0.0;   // Σ e^(logit − top)
  for (var id = thread; id < p.vocab; id += THREADS) {
    var score = logitOf(row, id, window);
    numbers = numbers && isNumber(score);
    let logit = logits[row * p.vocab + id];
    let higher = max(top, logit);
    mass = mass * exp(top - higher) + exp(logit - higher);
    top = higher;
    if (temperature > 0) {
      if (score < threshold) { continue; }
      score = score / temperature + gumbel(u32(sampling[6]), u32(positions[row]), id);
    }
    if (score > best) {
      best = score;
      token = id;
    }
  }
  let maxOfAll = workgroupMax(top, thread);
  let massOfAll = workgroupSum(mass * exp(top - maxOfAll), thread);
  workgroupBarrier();
  found[thread] = select(HIGHEST, best, numbers);
  counts[thread] = select(NONE, token, numbers);
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) {
      let other = found[thread + half];
      let otherToken = counts[thread + half];
      if (other > found[thread] || (other == found[thread] && otherToken < counts[thread])) {
        found[thread] = other;
        counts[thread] = otherToken;
      }
    }
  }
  if (thread == 0) {
    y[row] = i32(counts[0]); // NONE is −1
    logProbability[row] = 0;
    if (counts[0] != NONE) {
      logProbability[row] = logits[row * p.vocab + counts[0]] - maxOfAll - logarithm(massOfAll);
    }
  }
}

/// Whether x is neither NaN nor +∞. It tests the bits, since compilers may assume that there are no NaN and no ∞.
fn isNumber(x: f32) -> bool {
  let bits = bitcast<u32>(x);
  return (bits & 0x7fffffff) < 0x7f800000 || bits == 0xff800000;
}

/// The positions [x, y) of the sequence that the repetition penalty applies to.
fn windowOf(row: u32) -> vec2i {
  let end = clamp(positions[row] + 1, 0, i32(p.context));
  return vec2i(max(0, positions[row] + 1 - i32(sampling[5])), end);
}

fn logitOf(row: u32, id: u32, window: vec2i) -> f32 {
  let logit = logits[row * p.vocab + id];
  let bit = id % (32 * THREADS);
  if ((atomicLoad(&repeated[bit / 32]) & (1u << (bit % 32))) == 0) { return logit; }
  for (var i = window.x; i < window.y; i++) {
    if (sequence[i] == i32(id)) { return select(logit * sampling[4], logit / sampling[4], logit > 0); }
  }
  return logit;
}

/// The lowest logit that top-k, top-p and min-p all keep.
fn lowestKept(row: u32, window: vec2i, thread: u32) -> f32 {
  let k = sampling[1];
  let mass = sampling[2];
  var maxLogit = LOWEST;
  for (var id = thread; id < p.vocab; id += THREADS) {
    maxLogit = max(maxLogit, logitOf(row, id, window));
  }
  maxLogit = workgroupMax(maxLogit, thread);
  var threshold = LOWEST;
  if (sampling[3] > 0) { threshold = maxLogit + log(sampling[3]); }
  let limited = k > 0 && k < f32(p.vocab);
  if (!limited && mass >= 1) { return threshold; }

  let wanted = mass * above(0, row, window, maxLogit, thread).y;
  var byCount = 0u;
  var byMass = 0u;
  for (var bit = 1u << 31; bit > 0; bit >>= 1) {
    if (limited && above(byCount | bit, row, window, maxLogit, thread).x >= k) { byCount |= bit; }
    if (mass < 1 && above(byMass | bit, row, window, maxLogit, thread).y >= wanted) { byMass |= bit; }
  }
  if (limited) { threshold = max(threshold, floatOf(byCount)); }
  if (mass < 1) { threshold = max(threshold, floatOf(min(byMass, ordered(maxLogit)))); }
  return threshold;
}

/// The number and the mass of the logits that are not below the one with these ordered bits.
fn above(bits: u32, row: u32, window: vec2i, maxLogit: f32, thread: u32) -> vec2f {
  var sum = vec2f();
  for (var id = thread; id < p.vocab; id += THREADS) {
    let logit = logitOf(row, id, window);
    if (ordered(logit) >= bits) { sum += vec2f(1, exp(logit - maxLogit)); }
  }
  return vec2f(workgroupSum(sum.x, thread), workgroupSum(sum.y, thread));
}

/// An integer that orders as the float does; `floatOf` is the inverse.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000, ~bits, bits >= 0x80000000);
}

fn floatOf(bits: u32) -> f32 {
  return bitcast<f32>(select(~bits, bits & 0x7fffffff, bits >= 0x80000000));
}

fn gumbel(seed: u32, position: u32, id: u32) -> f32 {
  let hash = mix32(mix32(mix32(seed) ^ position) ^ id);
  return -logarithm(-logarithm((f32(hash >> 9) + 0.5) / 8388608));
}

fn mix32(x: u32) -> u32 {
  var h = x + 0x9e3779b9;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/// The natural logarithm to a few units in the last place; WGSL's own is far off near 1, where the noise is largest.
/// x = m 2^e with m in [√½, √2); log m = 2 artanh s, s = (m − 1)/(m + 1).
fn logarithm(x: f32) -> f32 {
  let bits = bitcast<u32>(x) + (0x3f800000 - 0x3f3504f3);
  let exponent = f32(i32(bits >> 23) - 127);
  let m = bitcast<f32>((bits & 0x007fffff) + 0x3f3504f3);
  let s = (m - 1) / (m + 1);
  let s2 = s * s;
  return exponent * 0.6931471805599453
    + 2 * s * (1 + s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * (1.0 / 7 + s2 * (1.0 / 9 + s2 * (1.0 / 11))))));
}
