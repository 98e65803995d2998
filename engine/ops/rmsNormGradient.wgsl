// A workgroup computes the gradient of one row: each of its threads takes every 256th value.
struct Params { rows: u32, width: u32, eps: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * p.width;
  var squares = 0.0;
  var dot = 0.0;
  for (var i = thread; i < p.width; i += THREADS) {
    let value = x[row + i];
    squares += value * value;
    dot += gain[i] * g[row + i] * value;
  }
  let width = f32(p.width);
  let scale = inverseSqrt(workgroupSum(squares, thread) / width + p.eps);
  let back = scale * scale * workgroupSum(dot, thread) / width;
  for (var i = thread; i < p.width; i += THREADS) {
    y[row + i] = scale * (gain[i] * g[row + i] - back * x[row + i]);
  }
}
