alias WeightItem = Block;

fn weightBlock(n: u32) -> Block {
  return weight[n];
}
