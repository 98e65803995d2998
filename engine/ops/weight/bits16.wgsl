// Weights of 2 bytes a value. `decode4` decodes four of them: see f16.wgsl and bf16.wgsl.
alias WeightItem = vec4u;

fn weightBlock(n: u32) -> Block {
  return Block(sixteen(weight[4 * n], weight[4 * n + 1]), sixteen(weight[4 * n + 2], weight[4 * n + 3]));
}

fn sixteen(a: vec4u, b: vec4u) -> mat4x4f {
  return mat4x4f(decode4(a.xy), decode4(a.zw), decode4(b.xy), decode4(b.zw));
}
