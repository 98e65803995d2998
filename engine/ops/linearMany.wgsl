// Many rows: tiles of 64 rows × 64 outputs. A workgroup of 64 threads computes a tile, 32 inputs at a time: each thread
// loads one row's and one output's block of 32 into shared memory; then it computes 8 × 8 of the products.
//
//                  outputs 0 1 … 7 | 8 9 … 15 | …         thread (i, j) computes the products of
//   rows 0 … 7     thread  0 1 … 7 | 0 1 …  7 |           rows    i, i + 8, … i + 56 and
//   rows 8 … 15            0 1 … 7 | 0 1 …  7 |           outputs j, j + 8, … j + 56,
//     ⋮                                                    so that neighbouring threads read neighbours
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read> weight: array<WeightItem>;

const TILE = 64u;
var<workgroup> xs: array<f32, 32 * TILE>; // (input, row)
var<workgroup> ws: array<f32, 32 * TILE>; // (input, output)

fn weightBlocks() -> u32 {
  return p.outputs * (p.inputs / 32);
}

fn put(tile: ptr<workgroup, array<f32, 32 * TILE>>, at: u32, values: vec4f) {
  tile[at] = values.x;
  tile[at + TILE] = values.y;
  tile[at + 2 * TILE] = values.z;
  tile[at + 3 * TILE] = values.w;
}

fn putBlock(tile: ptr<workgroup, array<f32, 32 * TILE>>, at: u32, block: Block) {
  put(tile, at, block.low[0]);
  put(tile, at + 4 * TILE, block.low[1]);
  put(tile, at + 8 * TILE, block.low[2]);
  put(tile, at + 12 * TILE, block.low[3]);
  put(tile, at + 16 * TILE, block.high[0]);
  put(tile, at + 20 * TILE, block.high[1]);
  put(tile, at + 24 * TILE, block.high[2]);
  put(tile, at + 28 * TILE, block.high[3]);
}

@compute @workgroup_size(TILE)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let blocks = p.inputs / 32;
  let firstOutput = group.x * TILE;
  let firstRow = group.y * TILE;
  let row = thread / 8;
  let output = thread % 8;
  var sums: array<array<vec4f, 2>, 8>;
  for (var block = 0u; block < blocks; block++) {
    workgroupBarrier();
    putBlock(&xs, thread, x[min(firstRow + thread, p.rows - 1) * blocks + block]);
    putBlock(&ws, thread, weightBlock(min(firstOutput + thread, p.outputs - 1) * blocks + block));
    workgroupBarrier();
    for (var input = 0u; input < 32; input++) {
      let at = input * TILE + output;
      let w0 = vec4f(ws[at], ws[at + 8], ws[at + 16], ws[at + 24]);
      let w1 = vec4f(ws[at + 32], ws[at + 40], ws[at + 48], ws[at + 56]);
      for (var i = 0u; i < 8; i++) {
        let value = xs[input * TILE + row + 8 * i];
        sums[i][0] += value * w0;
        sums[i][1] += value * w1;
      }
    }
  }
  for (var i = 0u; i < 8; i++) {
    for (var j = 0u; j < 8; j++) {
      store(firstRow + row + 8 * i, firstOutput + output + 8 * j, sums[i][j / 4][j % 4]);
    }
  }
}
