// The 6-bit scales and minima of q4_k and q5_k: 12 bytes for the 8 blocks of a superblock.
fn scaleAndMin(at: u32, block: u32) -> vec2f {
  let i = block % 4;
  let a = byte(at + i);
  let b = byte(at + 4 + i);
  let c = byte(at + 8 + i);
  if (block < 4) {
    return vec2f(f32(a & 63), f32(b & 63));
  }
  return vec2f(f32((c & 15) | ((a >> 6) << 4)), f32((c >> 4) | ((b >> 6) << 4)));
}
