// Loads the first matrix, stored as (inner, rows).
@group(0) @binding(1) var<storage, read> a: array<f32>;

fn loadRows(firstRow: u32, first: u32, thread: u32) {
  let row = thread % ROWS;
  for (var k = thread / ROWS; k < DEPTH; k += THREADS / ROWS) {
    var value = 0.0;
    if (firstRow + row < p.rows && first + k < p.inner) { value = a[(first + k) * p.rows + firstRow + row]; }
    rowTile[k * ROW_STRIDE + row] = value;
  }
}
