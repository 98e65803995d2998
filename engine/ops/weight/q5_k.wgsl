// d s q − dmin m, with s and m of 6 bits a block. A superblock is 8 blocks. Planes: low four bits as in q4_k, 128 bytes
// a superblock, fifth bits, 32 bytes of which a block has one bit each, (s, m), 12 bytes, (d, dmin).
fn weightBlock(n: u32) -> Block {
  let all = weightBlocks() / 8;
  let block = n % 8;
  let quants = 8 * (n / 8) + 2 * (block / 2);
  let fifth = 8 * all + 2 * (n / 8);
  let d = f16x2(43 * all + n / 8) * scaleAndMin(160 * all + 12 * (n / 8), block);
  return Block(
    sixteen(weight[quants], weight[fifth], block, d),
    sixteen(weight[quants + 1], weight[fifth + 1], block, d),
  );
}

fn sixteen(quants: vec4u, fifth: vec4u, block: u32, d: vec2f) -> mat4x4f {
  return affine(bytes(bits(quants, 4 * (block % 2), 15) | (bits(fifth, block, 1) << vec4u(4))), d.x, -d.y);
}
