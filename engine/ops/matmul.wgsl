// (rows × inner) · (inner × columns), in tiles of ROWS × 64. A workgroup of 64 threads computes a tile, 32 of `inner` at
// a time: `loadRows` and `loadColumns` load that part of both matrices; then each thread computes ROWS / 8 × 8 of the
// sums.
//
//                  columns 0 1 … 7 | 8 9 … 15 | …         thread (i, j) computes the sums of
//   rows 0 … 7     thread  0 1 … 7 | 0 1 …  7 |           rows    i, i + 8, … and
//   rows 8 … 15            0 1 … 7 | 0 1 …  7 |           columns j, j + 8, … j + 56,
//     ⋮                                                    so that neighbouring threads read neighbours
struct Params { rows: u32, inner: u32, columns: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const THREADS = 64u;
const COLUMNS = 64u;
const DEPTH = 32u;
// One more than there are rows or columns, so that threads that write to one column use different banks.
const ROW_STRIDE = ROWS + 1;
const COLUMN_STRIDE = COLUMNS + 1;
var<workgroup> rowTile: array<f32, DEPTH * ROW_STRIDE>; // (inner, row)
var<workgroup> columnTile: array<f32, DEPTH * COLUMN_STRIDE>; // (inner, column)

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstColumn = group.x * COLUMNS;
  let firstRow = group.y * ROWS;
  let row = thread / 8;
  let column = thread % 8;
  var sums: array<array<vec4f, 2>, ROWS / 8>;
  for (var first = 0u; first < p.inner; first += DEPTH) {
    workgroupBarrier();
    loadRows(firstRow, first, thread);
    loadColumns(firstColumn, first, thread);
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let at = k * COLUMN_STRIDE + column;
      let b0 = vec4f(columnTile[at], columnTile[at + 8], columnTile[at + 16], columnTile[at + 24]);
      let b1 = vec4f(columnTile[at + 32], columnTile[at + 40], columnTile[at + 48], columnTile[at + 56]);
      for (var i = 0u; i < ROWS / 8; i++) {
        let a = rowTile[k * ROW_STRIDE + row + 8 * i];
        sums[i][0] += a * b0;
        sums[i][1] += a * b1;
      }
    }
  }
  for (var i = 0u; i < ROWS / 8; i++) {
    for (var j = 0u; j < 8; j++) {
      store(firstRow + row + 8 * i, firstColumn + column + 8 * j, sums[i][j / 4][j % 4]);
    }
  }
}

fn store(row: u32, column: u32, sum: f32) {
  if (row < p.rows && column < p.columns) { y[row * p.columns + column] = sum; }
}
