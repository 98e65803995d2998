// A workgroup computes the loss of one row: each of its threads takes every 256th logit.
struct Params { rows: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<i32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let token = targets[group.x];
  if (weights[group.x] == 0 || token < 0 || token >= i32(p.vocab)) {
    if (thread == 0) { y[group.x] = 0; }
    return;
  }
  let row = group.x * p.vocab;
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
  if (thread == 0) { y[group.x] = weights[group.x] * (log(total) + (rowMax - logits[row + u32(token)])); }
}
