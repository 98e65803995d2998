// One thread computes one value, from both values of its pair.
struct Params { count: u32, heads: u32, dim: u32, rotated: u32, context: u32, interleaved: u32, inverse: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> cosSin: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = id.x + id.y * 65535 * 64;
  if (at >= p.count * p.heads * p.dim) { return; }
  let i = at % p.dim;
  if (i >= p.rotated) {
    y[at] = x[at];
    return;
  }
  let half = p.rotated / 2;
  let pair = select(i % half, i / 2, p.interleaved == 1);
  let second = select(i >= half, i % 2 == 1, p.interleaved == 1);
  let apart = select(half, 1, p.interleaved == 1);
  let position = u32(min(positions[at / (p.heads * p.dim)], i32(p.context) - 1));
  let cosine = cosSin[position * p.rotated + pair];
  let sine = cosSin[position * p.rotated + half + pair];
  let other = x[select(at + apart, at - apart, second)];
  y[at] = x[at] * cosine + select(-other, other, second == (p.inverse == 0)) * sine;
}
