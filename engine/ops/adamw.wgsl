// One thread updates one value. The threads of a workgroup first sum up `squares` together.
struct Params { size: u32, parts: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read> squares: array<f32>;
@group(0) @binding(3) var<storage, read> schedule: array<f32>; // order: adamw.ts
@group(0) @binding(4) var<storage, read_write> state: array<f32>; // values, means of gradients, means of squares

const THREADS = 64u;
var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < p.parts; i += THREADS) {
    sum += squares[i];
  }
  sums[thread] = sum;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  workgroupBarrier();

  let i = id.x + id.y * 65535 * 64;
  if (i >= p.size) { return; }
  let norm = sqrt(sums[0]);
  let largest = schedule[5];
  var clipped = g[i];
  if (norm > largest) { clipped *= largest / norm; }
  let m = mix(clipped, state[p.size + i], schedule[1]);
  let v = mix(clipped * clipped, state[2 * p.size + i], schedule[2]);
  let step = m / schedule[6] / (sqrt(v / schedule[7]) + schedule[3]);
  state[i] -= schedule[0] * (schedule[4] * state[i] + step);
  state[p.size + i] = m;
  state[2 * p.size + i] = v;
}
