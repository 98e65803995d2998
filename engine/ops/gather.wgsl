// Gathers rows of a plain table: one thread copies one 32-bit value. Rows outside the table are zeros.
struct Params { count: u32, rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> table: array<u32>;
@group(0) @binding(2) var<storage, read> ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  if (i >= p.count * p.width) { return; }
  let row = ids[i / p.width];
  if (row < 0 || row >= i32(p.rows)) {
    y[i] = 0;
    return;
  }
  y[i] = table[u32(row) * p.width + i % p.width];
}
