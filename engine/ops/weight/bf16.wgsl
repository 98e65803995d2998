fn decode4(words: vec2u) -> vec4f {
  return bitcast<vec4f>(vec4u(words.x << 16, words.x & 0xffff0000, words.y << 16, words.y & 0xffff0000));
}
