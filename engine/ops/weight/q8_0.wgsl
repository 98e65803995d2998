// d q, q signed. Planes: quants, 32 bytes a block, d.
fn weightBlock(n: u32) -> Block {
  let d = half(16 * weightBlocks() + n);
  return Block(d * signedBytes(weight[2 * n]), d * signedBytes(weight[2 * n + 1]));
}

fn signedBytes(words: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack4xI8(words.x)),
    vec4f(unpack4xI8(words.y)),
    vec4f(unpack4xI8(words.z)),
    vec4f(unpack4xI8(words.w)),
  );
}
