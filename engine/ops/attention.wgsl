// Attention of one head of one query, in a workgroup of 64 threads. It goes over the keys in tiles of 64, and keeps a
// running maximum, total and weighted sum of values (FlashAttention, arXiv:2205.14135), so that memory does not grow with
// length.
//
//   tile            keys      0 … 63 | 64 … 127 | …
//   scores          thread    0 … 63 |  0 …  63 | …     one key each
//   sum of values   thread    0 … 63, one dimension each (SLICES times), over all keys of the tile
//
// attention.ts puts before this: DIM (of keys), VALUE_DIM, SLICES, the type Part of PART floats, in which keys are read,
// the bindings of keys, values, y and lse, keyAt, valueAt and firstSeen.
struct Params { count: u32, heads: u32, kvHeads: u32, dim: u32, valueDim: u32, capacity: u32, scale: f32, softCap: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<Part>;
@group(0) @binding(4) var<storage, read> positions: array<i32>;

const THREADS = 64u;
const PARTS = DIM / PART;
const LOWEST = -3.4e38;
var<workgroup> query: array<Part, PARTS>;
var<workgroup> probabilities: array<f32, THREADS>;
var<workgroup> maxima: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let head = id.x * p.heads + id.y;
  let kvHead = id.y * p.kvHeads / p.heads;
  for (var i = thread; i < PARTS; i += THREADS) {
    query[i] = q[head * PARTS + i];
  }
  let seen = u32(clamp(positions[id.x] + 1, 0, i32(p.capacity)));
  var rowMax = LOWEST;
  var total = 0.0;
  var sums: array<f32, SLICES>;
  for (var first = firstSeen(id.x); first < seen; first += THREADS) {
    workgroupBarrier();
    let score = scoreAt(first + thread, seen, kvHead);
    maxima[thread] = score;
    for (var half = THREADS / 2; half > 0; half /= 2) {
      workgroupBarrier();
      if (thread < half) { maxima[thread] = max(maxima[thread], maxima[thread + half]); }
    }
    workgroupBarrier();
    let higher = max(rowMax, maxima[0]);
    let correction = exp(rowMax - higher);
    rowMax = higher;
    probabilities[thread] = select(0, exp(score - rowMax), first + thread < seen);
    workgroupBarrier();
    total *= correction;
    for (var slice = 0u; slice < SLICES; slice++) {
      sums[slice] *= correction;
    }
    for (var key = 0u; key < min(THREADS, seen - first); key++) {
      let probability = probabilities[key];
      total += probability;
      for (var slice = 0u; slice < SLICES; slice++) {
        let i = min(thread + slice * THREADS, VALUE_DIM - 1);
        sums[slice] += probability * valueAt(((first + key) * p.kvHeads + kvHead) * VALUE_DIM + i);
      }
    }
  }
  for (var slice = 0u; slice < SLICES; slice++) {
    let i = thread + slice * THREADS;
    if (i < VALUE_DIM) { y[head * VALUE_DIM + i] = select(0, sums[slice] / total, total > 0); }
  }
  if (thread == 0) { lse[head] = select(0, rowMax + log(total), total > 0); }
}

fn scoreAt(key: u32, seen: u32, kvHead: u32) -> f32 {
  if (key >= seen) { return LOWEST; }
  let at = (key * p.kvHeads + kvHead) * PARTS;
  var sum = 0.0;
  for (var i = 0u; i < PARTS; i++) {
    sum += inner(query[i], keyAt(at + i));
  }
  return scoreOf(sum);
}

/** The score, given q·k: scaled and soft-capped. tanh's argument is clamped, for large ones may overflow. */
fn scoreOf(product: f32) -> f32 {
  let score = product * p.scale;
  if (p.softCap == 0) { return score; }
  return p.softCap * tanh(clamp(score / p.softCap, -10, 10));
}
