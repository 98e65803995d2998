// d s q − dmin m, with s and m of 4 bits for every 16 values. A superblock is 8 blocks; two bits of each of the same 32
// bytes make a block. Planes: quants, 64 bytes a superblock, (s, m), 16 bytes, (d, dmin).
fn weightBlock(n: u32) -> Block {
  let all = weightBlocks() / 8;
  let block = n % 8;
  let quants = 4 * (n / 8) + 2 * (block / 4);
  let d = f16x2(20 * all + n / 8);
  return Block(
    sixteen(weight[quants], block, d, byte(64 * all + 2 * n)),
    sixteen(weight[quants + 1], block, d, byte(64 * all + 2 * n + 1)),
  );
}

fn sixteen(quants: vec4u, block: u32, d: vec2f, scales: u32) -> mat4x4f {
  return affine(bytes(bits(quants, 2 * (block % 4), 3)), d.x * f32(scales & 15), -d.y * f32(scales >> 4));
}
