// Plain weights of any width: one thread computes one value. The other kernels need a width that is a multiple of 32.
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = id.x + id.y * 65535 * 64;
  let row = at / p.outputs;
  let output = at % p.outputs;
  if (row >= p.rows) { return; }
  var sum = 0.0;
  for (var i = 0u; i < p.inputs; i++) {
    sum += x[row * p.inputs + i] * weight[output * p.inputs + i];
  }
  store(row, output, sum);
}
