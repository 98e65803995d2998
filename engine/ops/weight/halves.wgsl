// Weights of 2 bytes a value. `four` decodes four of them: see f16.wgsl and bf16.wgsl.
alias WeightItem = vec4u;

fn weightBlock(n: u32) -> Block {
  return Block(sixteen(weight[4 * n], weight[4 * n + 1]), sixteen(weight[4 * n + 2], weight[4 * n + 3]));
}

fn sixteen(a: vec4u, b: vec4u) -> mat4x4f {
  return mat4x4f(four(a.xy), four(a.zw), four(b.xy), four(b.zw));
}
