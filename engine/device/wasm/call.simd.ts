// A call of a kernel as encode.ts lays it out in memory, and how kernels read it.
//
//   0 opcode   4 flags   8 items   12 grain   16 inputs (8 addresses)   48 outputs (4 addresses)   64 scratch
//   68 shares, of this call   72 shares, of the phase that it begins   128 params (16 × f32)   192 params (16 × i32)

export const callBytes: usize = 256;

export function opcode(call: usize): i32 {
  return load<i32>(call);
}

/** Whether what was written before this call must be finished. */
export function beginsPhase(call: usize): bool {
  return (load<i32>(call, 4) & 1) !== 0;
}

/** Whether the thread that makes the call before this one makes this one too, right after. */
export function isChained(call: usize): bool {
  return (load<i32>(call, 4) & 2) !== 0;
}

export function items(call: usize): i32 {
  return load<i32>(call, 8);
}

/** How many items a share has. */
export function grain(call: usize): i32 {
  return load<i32>(call, 12);
}

/** How many shares there are; none where the call is chained. */
export function shares(call: usize): i32 {
  return load<i32>(call, 68);
}

export function phaseShares(call: usize): i32 {
  return load<i32>(call, 72);
}

export function input(call: usize, index: i32): usize {
  return load<usize>(call + ((<usize>index) << 2), 16);
}

export function output(call: usize, index: i32 = 0): usize {
  return load<usize>(call + ((<usize>index) << 2), 48);
}

/** What the call's earlier kernel left. */
export function scratch(call: usize): usize {
  return load<usize>(call, 64);
}

/** A parameter as a number, or as a whole number. */
export function param(call: usize, index: i32): f32 {
  return load<f32>(call + ((<usize>index) << 2), 128);
}

export function count(call: usize, index: i32): i32 {
  return load<i32>(call + ((<usize>index) << 2), 192);
}
