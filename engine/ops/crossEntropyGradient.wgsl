// A workgroup computes the gradient of one row: each of its threads takes every 256th logit.
struct Params { rows: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<i32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * p.vocab;
  let token = targets[group.x];
  let factor = weights[group.x] * g[group.x];
  if (factor == 0 || token < 0 || token >= i32(p.vocab)) {
    for (var i = thread; i < p.vocab; i += THREADS) {
      y[row + i] = 0;
    }
    return;
  }
  var ownMax = LOWEST;
  for (var i = thread; i < p.vocab; i += THREADS) {
    ownMax = max(ownMax, logits[row + i]);
  }
  let rowMax = workgroupMax(ownMax, thread);
  var sum = 0.0;
  for (var i = thread; i < p.vocab; i += THREADS) {
    sum += exp(logits[row + i] - rowMax);
  }
  let total = workgroupSum(sum, thread);
  for (var i = thread; i < p.vocab; i += THREADS) {
    let probability = exp(logits[row + i] - rowMax) / total;
    y[row + i] = factor * (probability - select(0.0, 1.0, i == u32(token)));
  }
}
