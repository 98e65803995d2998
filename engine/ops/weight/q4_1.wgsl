// d q + m. Planes: quants, 16 bytes a block (low bits: the first half), (d, m).
fn weightBlock(n: u32) -> Block {
  let quants = weight[n];
  let dm = f16x2(4 * weightBlocks() + n);
  return Block(affine(bytes(bits(quants, 0, 15)), dm.x, dm.y), affine(bytes(bits(quants, 4, 15)), dm.x, dm.y));
}
