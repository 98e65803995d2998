// d s q − dmin m, with s and m of 6 bits a block. A superblock is 8 blocks; four bits of each of the same 32 bytes make
// a block. Planes: quants, 128 bytes a superblock, (s, m), 12 bytes, (d, dmin).
fn weightBlock(n: u32) -> Block {
  let all = weightBlocks() / 8;
  let block = n % 8;
  let quants = 8 * (n / 8) + 2 * (block / 2);
  let shift = 4 * (block % 2);
  let d = f16x2(35 * all + n / 8) * scaleAndMin(128 * all + 12 * (n / 8), block);
  return Block(
    affine(bytes(bits(weight[quants], shift, 15)), d.x, -d.y),
    affine(bytes(bits(weight[quants + 1], shift, 15)), d.x, -d.y),
  );
}
