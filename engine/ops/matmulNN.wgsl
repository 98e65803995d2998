// Loads the first matrix, stored as (rows, inner).
@group(0) @binding(1) var<storage, read> x: array<f32>;

fn loadRows(firstRow: u32, first: u32, thread: u32) {
  let k = thread % DEPTH;
  for (var row = thread / DEPTH; row < ROWS; row += THREADS / DEPTH) {
    var value = 0.0;
    if (firstRow + row < p.rows && first + k < p.inner) { value = x[(firstRow + row) * p.inner + first + k]; }
    rowTile[k * ROW_STRIDE + row] = value;
  }
}
