// One workgroup: each thread takes every 256th value.
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < p.size; i += THREADS) {
    sum += z[i];
  }
  let size = f32(p.size);
  let mean = workgroupSum(sum, thread) / size;
  var squares = 0.0;
  for (var i = thread; i < p.size; i += THREADS) {
    squares += (z[i] - mean) * (z[i] - mean);
  }
  let others = f32(max(1, p.size - 1));
  let variance = workgroupSum(squares, thread) / others;
  let scale = 1 / (mean * mean + 1e-10);
  for (var i = thread; i < p.size; i += THREADS) {
    y[i] = g[0] * 2 * scale * ((z[i] - mean) / others - scale * mean * variance / size);
  }
}
