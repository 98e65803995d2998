// One thread makes one value.
struct Params { size: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.size) { return; }
  let x = gate[i];
  let share = 1 / (1 + exp(min(-x, 88))); // e^89 would be infinite, which WGSL need not know
  y[i] = g[i] * up[i] * share * (1 + x * (1 - share));
}
