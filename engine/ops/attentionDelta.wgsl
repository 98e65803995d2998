// One thread computes one pair.
struct Params { rows: u32, valueDim: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> lse: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read_write> lseDelta: array<vec2f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x + id.y * 65535 * 64;
  if (row >= p.rows) { return; }
  var delta = 0.0;
  for (var i = row * p.valueDim; i < (row + 1) * p.valueDim; i++) {
    delta += g[i] * y[i];
  }
  lseDelta[row] = vec2f(lse[row], delta);
}
