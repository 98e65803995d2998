// Loads the second matrix, plain values stored as (inner, columns).
@group(0) @binding(2) var<storage, read> b: array<f32>;

fn loadColumns(firstColumn: u32, first: u32, thread: u32) {
  let column = firstColumn + thread;
  for (var k = 0u; k < DEPTH; k++) {
    var value = 0.0;
    if (column < p.columns && first + k < p.inner) { value = b[(first + k) * p.columns + column]; }
    columnTile[k * COLUMN_STRIDE + thread] = value;
  }
}
