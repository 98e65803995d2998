// One thread writes one value.
struct Params { rows: u32, width: u32, first: u32, count: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.rows * p.width) { return; }
  let column = i % p.width;
  var value = 0.0;
  if (column >= p.first && column < p.first + p.count) { value = x[i / p.width * p.count + column - p.first]; }
  y[i] = value;
}
