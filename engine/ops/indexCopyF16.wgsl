// One thread rounds two values to f16, which share a word of the table. Rows outside the table are dropped.
struct Params { count: u32, capacity: u32, width: u32, f16: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec2f>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> table: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  let pairs = p.width / 2;
  if (i >= p.count * pairs) { return; }
  let place = places[i / pairs];
  if (place < 0 || place >= i32(p.capacity)) { return; }
  table[u32(place) * pairs + i % pairs] = f16InState(rows[i].x) | (f16InState(rows[i].y) << 16);
}

/** The bits of the nearest f16, ties to even; of the largest where x is past f16's range, of NaN where x is not finite. */
fn f16InState(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16) & 0x8000;
  let magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) { return 0x7e00; }
  if (magnitude >= 0x477fe000) { return sign | 0x7bff; }
  if (magnitude >= 0x38800000) { return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13); }
  // Subnormal: a float32 next to 0.5 has the same spacing, 2^-24, so that adding 0.5 rounds.
  return sign | (bitcast<u32>(abs(x) + 0.5) - 0x3f000000);
}
