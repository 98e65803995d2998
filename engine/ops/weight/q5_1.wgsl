// d q + m. Planes: low four bits as in q4_0, fifth bits, one word a block, (d, m).
fn weightBlock(n: u32) -> Block {
  let quants = weight[n];
  let fifth = word(4 * weightBlocks() + n);
  let dm = f16x2(5 * weightBlocks() + n);
  return Block(
    affine(bytes(bits(quants, 0, 15) | spread(fifth, 4)), dm.x, dm.y),
    affine(bytes(bits(quants, 4, 15) | spread(fifth >> 16, 4)), dm.x, dm.y),
  );
}
