// d s (q − 32), with s a signed byte for every 16 values. A superblock is 8 blocks. Planes: low four bits, 128 bytes a
// superblock, two high bits, 64 bytes, s, 16 bytes, d.
fn weightBlock(n: u32) -> Block {
  let all = weightBlocks() / 8;
  let block = n % 8;
  let low = 8 * (n / 8) + 4 * (block / 4) + 2 * (block % 2);
  let high = 8 * all + 4 * (n / 8) + 2 * (block / 4);
  let scales = 192 * all + 2 * n;
  let d = half(104 * all + n / 8);
  return Block(
    sixteen(weight[low], weight[high], block, d * signedByte(scales)),
    sixteen(weight[low + 1], weight[high + 1], block, d * signedByte(scales + 1)),
  );
}

fn sixteen(low: vec4u, high: vec4u, block: u32, scale: f32) -> mat4x4f {
  let four = bits(low, 4 * (block / 2 % 2), 15);
  let two = bits(high, 2 * (block % 4), 3) << vec4u(4);
  return affine(bytes(four | two), scale, -32 * scale);
}

fn signedByte(at: u32) -> f32 {
  return f32(i32(byte(at) << 24) >> 24);
}
