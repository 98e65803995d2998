// Reductions over the 256 threads of a workgroup, as a tree of 8 steps.
const THREADS = 256u;
const LOWEST = -3.4e38;
var<workgroup> found: array<f32, THREADS>;

/// The sum of the values of all threads.
fn workgroupSum(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  found[thread] = value;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { found[thread] += found[thread + half]; }
  }
  workgroupBarrier();
  return found[0];
}

/// The maximum of the values of all threads.
fn workgroupMax(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  found[thread] = value;
  for (var half = THREADS / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (thread < half) { found[thread] = max(found[thread], found[thread + half]); }
  }
  workgroupBarrier();
  return found[0];
}

