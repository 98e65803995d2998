// Interleaves four rows of f32 values: [4][columns] → [columns][4].

/** Writes the columns of rows a, b, c, d, which are `bytes` long, as vectors of four, `step` bytes apart. */
export function interleave(a: usize, b: usize, c: usize, d: usize, bytes: usize, y: usize, step: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16, y += 4 * step)
    interleaveFour(v128.load(a + at), v128.load(b + at), v128.load(c + at), v128.load(d + at), y, step);
  for (; at < bytes; at += 4, y += step) {
    store<f32>(y, load<f32>(a + at));
    store<f32>(y, load<f32>(b + at), 4);
    store<f32>(y, load<f32>(c + at), 8);
    store<f32>(y, load<f32>(d + at), 12);
  }
}

/** The same, of four columns: the vectors a, b, c, d hold the rows. */
export function interleaveFour(a: v128, b: v128, c: v128, d: v128, y: usize, step: usize): void {
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(y, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(y + step, i64x2.shuffle(ab0, cd0, 1, 3));
  v128.store(y + 2 * step, i64x2.shuffle(ab1, cd1, 0, 2));
  v128.store(y + 3 * step, i64x2.shuffle(ab1, cd1, 1, 3));
}
