// A workgroup normalizes one row: each of its threads takes every 256th value; their squares are summed as a tree.
//
//   row      0 1 2 … 255 | 256 257 …
//   thread   0 1 2 … 255 |   0   1 …
struct Params { rows: u32, width: u32, eps: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const THREADS = 256u;
var<workgroup> squares: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * p.width;
  var sum = 0.0;
  for (var i = thread; i < p.width; i += THREADS) {
    sum += x[row + i] * x[row + i];
  }
  squares[thread] = sum;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { squares[thread] += squares[thread + half]; }
  }
  workgroupBarrier();
  let scale = inverseSqrt(squares[0] / f32(p.width) + p.eps);
  for (var i = thread; i < p.width; i += THREADS) {
    y[row + i] = x[row + i] * scale * gain[i];
  }
}
