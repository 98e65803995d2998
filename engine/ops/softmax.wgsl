// A workgroup computes one row: each of its threads takes every 256th value.
struct Params { rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * p.width;
  var ownMax = LOWEST;
  for (var i = thread; i < p.width; i += THREADS) {
    ownMax = max(ownMax, x[row + i]);
  }
  let rowMax = workgroupMax(ownMax, thread);
  var sum = 0.0;
  for (var i = thread; i < p.width; i += THREADS) {
    sum += exp(x[row + i] - rowMax);
  }
  let total = workgroupSum(sum, thread);
  for (var i = thread; i < p.width; i += THREADS) {
    y[row + i] = exp(x[row + i] - rowMax) / total;
  }
}
