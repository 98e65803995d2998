fn four(halves: vec2u) -> vec4f {
  return bitcast<vec4f>(vec4u(halves.x << 16, halves.x & 0xffff0000, halves.y << 16, halves.y & 0xffff0000));
}
