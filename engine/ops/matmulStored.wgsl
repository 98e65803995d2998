// Loads the second matrix, a weight in a storage type, (inner, columns): each thread decodes a block of 32 columns.
@group(0) @binding(2) var<storage, read> weight: array<WeightItem>;

fn weightBlocks() -> u32 {
  return p.inner * (p.columns / 32);
}

fn loadColumns(firstColumn: u32, first: u32, thread: u32) {
  let k = thread % DEPTH;
  let part = thread / DEPTH;
  let blocks = p.columns / 32;
  let block = firstColumn / 32 + part;
  var values = Block();
  if (block < blocks && first + k < p.inner) { values = weightBlock((first + k) * blocks + block); }
  let at = k * COLUMN_STRIDE + 32 * part;
  put(at, values.low);
  put(at + 16, values.high);
}

fn put(at: u32, values: mat4x4f) {
  putFour(at, values[0]);
  putFour(at + 4, values[1]);
  putFour(at + 8, values[2]);
  putFour(at + 12, values[3]);
}

fn putFour(at: u32, values: vec4f) {
  columnTile[at] = values.x;
  columnTile[at + 1] = values.y;
  columnTile[at + 2] = values.z;
  columnTile[at + 3] = values.w;
}
