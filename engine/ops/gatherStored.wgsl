// Gathers rows of a weight in a storage type: one thread decodes 32 values. Rows outside the table are zeros.
struct Params { count: u32, rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<WeightItem>;
@group(0) @binding(2) var<storage, read> ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<Block>;

fn weightBlocks() -> u32 {
  return p.rows * (p.width / 32);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x + id.y * 65535 * 64;
  let width = p.width / 32;
  if (i >= p.count * width) { return; }
  let row = ids[i / width];
  if (row < 0 || row >= i32(p.rows)) {
    y[i] = Block();
    return;
  }
  y[i] = weightBlock(u32(row) * width + i % width);
}
