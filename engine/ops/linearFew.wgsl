// Few rows: matrix–vector products that read each weight once. A workgroup computes 8 outputs of up to ROWS rows. Eight
// threads share an output: each takes every eighth block of 32 inputs; then one of them adds up their sums.
//
//                 blocks of inputs →
//   output 0      thread  0  1 …  7 |  0  1 …
//   output 1      thread  8  9 … 15 |  8  9 …
//     ⋮
//   output 7      thread 56 57 … 63 | 56 57 …
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read> weight: array<WeightItem>;

const LANES = 8u;
const OUTPUTS = 8u;
const THREADS = LANES * OUTPUTS;
var<workgroup> partial: array<f32, ROWS * THREADS>;

fn weightBlocks() -> u32 {
  return p.outputs * (p.inputs / 32);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let blocks = p.inputs / 32;
  let firstOutput = group.x * OUTPUTS;
  let firstRow = group.y * ROWS;
  let output = min(firstOutput + thread / LANES, p.outputs - 1);
  var sums: array<f32, ROWS>;
  for (var block = thread % LANES; block < blocks; block += LANES) {
    let w = weightBlock(output * blocks + block);
    for (var row = 0u; row < ROWS; row++) {
      sums[row] += inner(x[min(firstRow + row, p.rows - 1) * blocks + block], w);
    }
  }
  for (var row = 0u; row < ROWS; row++) {
    partial[row * THREADS + thread] = sums[row];
  }
  workgroupBarrier();
  if (thread >= ROWS * OUTPUTS) { return; }
  var sum = 0.0;
  for (var lane = 0u; lane < LANES; lane++) {
    sum += partial[thread * LANES + lane];
  }
  store(firstRow + thread / OUTPUTS, firstOutput + thread % OUTPUTS, sum);
}
