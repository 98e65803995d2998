// One thread computes the dot product of one group of one row.
struct Params { rows: u32, groups: u32, rank: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.rows * p.groups) { return; }
  var sum = 0.0;
  for (var k = i * p.rank; k < (i + 1) * p.rank; k++) {
    sum += a[k] * b[k];
  }
  y[i] = sum;
}
