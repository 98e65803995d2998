// One thread computes one value. formula.ts writes what stands before this: Params, p, y and `value`.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.size) { return; }
  y[i] = value(i);
}

fn positive(x: f32) -> f32 { return select(0.0, 1.0, x > 0); }

/** The error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
fn erf(x: f32) -> f32 {
  let t = 1 / (1 + 0.3275911 * abs(x));
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1 - series * exp(-x * x));
}
