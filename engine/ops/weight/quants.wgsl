// Quantized weights. Each field of GGUF's blocks is in a plane of its own, which holds that field of all blocks; the
// planes are in the order of webgpu/planes.ts. The bits of a field are in GGUF's order.
alias WeightItem = vec4u;

fn word(at: u32) -> u32 {
  return weight[at / 4][at % 4];
}

fn byte(at: u32) -> u32 {
  return (word(at / 4) >> (8 * (at % 4))) & 255;
}

/// An f16.
fn half(at: u32) -> f32 {
  return unpack2x16float(word(at / 2))[at % 2];
}

/// Two f16.
fn f16x2(at: u32) -> vec2f {
  return unpack2x16float(word(at));
}

/// Sixteen bytes as floats.
fn bytes(words: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack4xU8(words.x)),
    vec4f(unpack4xU8(words.y)),
    vec4f(unpack4xU8(words.z)),
    vec4f(unpack4xU8(words.w)),
  );
}

/// Each byte shifted right by `shift`, and masked with `mask`.
fn bits(words: vec4u, shift: u32, mask: u32) -> vec4u {
  return (words >> vec4u(shift)) & vec4u(mask * 0x01010101);
}

/// Sixteen bytes, each with one of sixteen bits, at bit `at`.
fn spread(source: u32, at: u32) -> vec4u {
  let nibbles = (vec4u(source) >> vec4u(0, 4, 8, 12)) & vec4u(15);
  return ((nibbles * 0x00204081) & vec4u(0x01010101)) << vec4u(at); // the multiplication moves bit i to byte i
}

fn affine(q: mat4x4f, scale: f32, offset: f32) -> mat4x4f {
  return mat4x4f(q[0] * scale + offset, q[1] * scale + offset, q[2] * scale + offset, q[3] * scale + offset);
}
