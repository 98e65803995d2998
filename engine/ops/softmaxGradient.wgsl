// A workgroup computes one row: each of its threads takes every 256th value.
struct Params { rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * p.width;
  var sum = 0.0;
  for (var i = thread; i < p.width; i += THREADS) {
    sum += y[row + i] * g[row + i];
  }
  let dot = workgroupSum(sum, thread);
  for (var i = thread; i < p.width; i += THREADS) {
    result[row + i] = y[row + i] * (g[row + i] - dot);
  }
}
