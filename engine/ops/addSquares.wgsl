// A workgroup sums one part of g: each of its threads takes every 256th value.
struct Params { parts: u32, size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> totals: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let length = (p.size + p.parts - 1) / p.parts;
  let end = min((group.x + 1) * length, p.size);
  var squares = 0.0;
  for (var i = group.x * length + thread; i < end; i += THREADS) {
    squares += g[i] * g[i];
  }
  squares = workgroupSum(squares, thread);
  if (thread == 0) { y[group.x] = totals[group.x] + squares; }
}
