// d (q − 8). Planes: quants, 16 bytes a block (low bits: the first half), d.
fn weightBlock(n: u32) -> Block {
  let quants = weight[n];
  let d = half(8 * weightBlocks() + n);
  return Block(affine(bytes(bits(quants, 0, 15)), d, -8 * d), affine(bytes(bits(quants, 4, 15)), d, -8 * d));
}
