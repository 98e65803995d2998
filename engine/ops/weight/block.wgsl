// 32 consecutive values of a row: the unit in which shaders read weights, and the rows that they multiply by them.
struct Block {
  low: mat4x4f, // values 0–15, four a column
  high: mat4x4f, // values 16–31
}

fn inner(a: Block, b: Block) -> f32 {
  return dot(a.low[0], b.low[0]) + dot(a.low[1], b.low[1]) + dot(a.low[2], b.low[2]) + dot(a.low[3], b.low[3])
    + dot(a.high[0], b.high[0]) + dot(a.high[1], b.high[1]) + dot(a.high[2], b.high[2]) + dot(a.high[3], b.high[3]);
}
