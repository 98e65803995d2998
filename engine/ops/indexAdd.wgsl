// A workgroup computes one row of the table. Its threads mark which of the next 2048 ids are that row's, 32 each; then
// each thread adds every 64th column of the marked rows, in the order of the ids, so that no two threads write the same
// value.
struct Params { count: u32, rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const THREADS = 64u;
var<workgroup> marks: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x + group.y * 65535;
  if (row >= p.rows) { return; }
  for (var k = thread; k < p.width; k += THREADS) {
    y[row * p.width + k] = 0;
  }
  for (var first = 0u; first < p.count; first += 32 * THREADS) {
    var mark = 0u;
    for (var bit = 0u; bit < 32; bit++) {
      let i = first + thread * 32 + bit;
      if (i < p.count && ids[i] == i32(row)) { mark |= 1u << bit; }
    }
    workgroupBarrier(); // all threads have read the last marks
    marks[thread] = mark;
    workgroupBarrier();
    for (var word = 0u; word < THREADS; word++) {
      for (var left = marks[word]; left != 0; left &= left - 1) {
        let i = first + word * 32 + countTrailingZeros(left);
        for (var k = thread; k < p.width; k += THREADS) {
          y[row * p.width + k] += x[i * p.width + k];
        }
      }
    }
  }
}
