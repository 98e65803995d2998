// One workgroup: each thread takes every 256th value, once for the mean and once for the variance.
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < p.size; i += THREADS) {
    sum += z[i];
  }
  let mean = workgroupSum(sum, thread) / f32(p.size);
  var squares = 0.0;
  for (var i = thread; i < p.size; i += THREADS) {
    squares += (z[i] - mean) * (z[i] - mean);
  }
  let variance = workgroupSum(squares, thread) / f32(max(1, p.size - 1));
  if (thread == 0) { y[0] = variance / (mean * mean + 1e-10); }
}
