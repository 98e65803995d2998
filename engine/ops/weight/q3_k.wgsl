// d (s − 32) (q − 4), with s of 6 bits for every 16 values. A superblock is 8 blocks. Planes: low two bits as in q2_k,
// 64 bytes a superblock, third bits, 32 bytes of which a block has one bit each, s, 12 bytes, d.
fn weightBlock(n: u32) -> Block {
  let all = weightBlocks() / 8;
  let block = n % 8;
  let quants = 4 * (n / 8) + 2 * (block / 4);
  let third = 4 * all + 2 * (n / 8);
  let d = half(54 * all + n / 8);
  let scales = 96 * all + 12 * (n / 8);
  return Block(
    sixteen(weight[quants], weight[third], block, d * scaleAt(scales, 2 * block)),
    sixteen(weight[quants + 1], weight[third + 1], block, d * scaleAt(scales, 2 * block + 1)),
  );
}

fn sixteen(quants: vec4u, third: vec4u, block: u32, scale: f32) -> mat4x4f {
  return affine(bytes(bits(quants, 2 * (block % 4), 3) | (bits(third, block, 1) << vec4u(2))), scale, -4 * scale);
}

/// The i-th of a superblock's 16 scales: low four bits in bytes 0–7, two high ones in bytes 8–11.
fn scaleAt(scales: u32, i: u32) -> f32 {
  let low = (byte(scales + i % 8) >> (4 * (i / 8))) & 15;
  let high = (byte(scales + 8 + i % 4) >> (2 * (i / 4))) & 3;
  return f32(low | (high << 4)) - 32;
}
