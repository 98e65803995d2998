// d (q − 16). Planes: low four bits as in q4_0, fifth bits, one word a block, d.
fn weightBlock(n: u32) -> Block {
  let quants = weight[n];
  let fifth = word(4 * weightBlocks() + n);
  let d = half(10 * weightBlocks() + n);
  return Block(
    affine(bytes(bits(quants, 0, 15) | spread(fifth, 4)), d, -16 * d),
    affine(bytes(bits(quants, 4, 15) | spread(fifth >> 16, 4)), d, -16 * d),
  );
}
