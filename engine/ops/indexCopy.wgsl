// One thread copies one 32-bit value. Rows outside the table are dropped.
struct Params { count: u32, capacity: u32, width: u32, f16: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read_write> table: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.count * p.width) { return; }
  let place = places[i / p.width];
  if (place < 0 || place >= i32(p.capacity)) { return; }
  table[u32(place) * p.width + i % p.width] = rows[i];
}
