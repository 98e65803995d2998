// A workgroup of 64 threads adds up one head of one query: log Σ exp(score) over tiles of 64 keys, of which each thread
// keeps a maximum and a total of its own until the end, and Σ g·y.
//
// The text before this gives DIM (of keys), VALUE_DIM and the Part, of PART floats, in which keys are read.
struct Params { count: u32, heads: u32, kvHeads: u32, dim: u32, valueDim: u32, capacity: u32, scale: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<Part>;
@group(0) @binding(2) var<storage, read> keys: array<Part>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read> starts: array<i32>;
@group(0) @binding(5) var<storage, read> y: array<f32>;
@group(0) @binding(6) var<storage, read> g: array<f32>;
@group(0) @binding(7) var<storage, read_write> sums: array<vec2f>;

const THREADS = 64u;
const PARTS = DIM / PART;
const LOWEST = -3.4e38;
var<workgroup> query: array<Part, PARTS>;
/** Of each thread: its highest score, its total in units of e to that, its part of Σ g·y. */
var<workgroup> found: array<vec3f, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let head = id.x * p.heads + id.y;
  let kvHead = id.y * p.kvHeads / p.heads;
  for (var i = thread; i < PARTS; i += THREADS) {
    query[i] = q[head * PARTS + i];
  }
  workgroupBarrier();
  let seen = u32(clamp(positions[id.x] + 1, 0, i32(p.capacity)));
  var mine = vec3f(LOWEST, 0, 0);
  for (var key = u32(max(starts[id.x], 0)) + thread; key < seen; key += THREADS) {
    mine = joined(mine, vec3f(scoreOf(key, kvHead), 1, 0));
  }
  for (var i = thread; i < VALUE_DIM; i += THREADS) {
    mine.z += g[head * VALUE_DIM + i] * y[head * VALUE_DIM + i];
  }
  found[thread] = mine;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { found[thread] = joined(found[thread], found[thread + half]); }
  }
  if (thread == 0) {
    let all = found[0];
    sums[head] = vec2f(select(0, all.x + log(all.y), all.y > 0), all.z);
  }
}

fn joined(a: vec3f, b: vec3f) -> vec3f {
  let top = max(a.x, b.x);
  return vec3f(top, a.y * exp(a.x - top) + b.y * exp(b.x - top), a.z + b.z);
}

fn scoreOf(key: u32, kvHead: u32) -> f32 {
  let at = (key * p.kvHeads + kvHead) * PARTS;
  var sum = 0.0;
  for (var i = 0u; i < PARTS; i++) {
    sum += inner(query[i], keys[at + i]);
  }
  return sum * p.scale;
}
