// A call of a kernel as encode.ts lays it out in memory, and how kernels read it.

export const callBytes: usize = 192;

/**
 * What all calls have. A kernel `name(call: NameCall, …)` takes a class of its own that extends this one by the kernel's
 * params, in the order and under the names that its op gives them; encode.ts holds the op to that.
 */
@unmanaged
export class Call {
  opcode: i32;
  /** 1: what was written before must be finished. 2: the thread that makes the call before makes this one, right after. */
  flags: i32;
  items: i32;
  /** How many items a share has. */
  grain: i32;
  input0: usize;
  input1: usize;
  input2: usize;
  input3: usize;
  input4: usize;
  input5: usize;
  input6: usize;
  input7: usize;
  output0: usize;
  output1: usize;
  output2: usize;
  output3: usize;
  /** What the call's earlier kernel left. */
  scratch: usize;
  /** How many shares there are; none where the call is chained. */
  shares: i32;
  /** Of the phase that the call begins. */
  phaseShares: i32;
  reserved: i32;
}

export function beginsPhase(call: usize): bool {
  return (changetype<Call>(call).flags & 1) !== 0;
}

export function isChained(call: usize): bool {
  return (changetype<Call>(call).flags & 2) !== 0;
}

export function opcode(call: usize): i32 {
  return changetype<Call>(call).opcode;
}

export function items(call: usize): i32 {
  return changetype<Call>(call).items;
}

export function grain(call: usize): i32 {
  return changetype<Call>(call).grain;
}

export function shares(call: usize): i32 {
  return changetype<Call>(call).shares;
}

export function phaseShares(call: usize): i32 {
  return changetype<Call>(call).phaseShares;
}

export function input(call: Call, index: i32): usize {
  return load<usize>(changetype<usize>(call) + ((<usize>index) << 2), 16);
}

export function output(call: Call, index: i32 = 0): usize {
  return load<usize>(changetype<usize>(call) + ((<usize>index) << 2), 48);
}

export function scratch(call: Call): usize {
  return call.scratch;
}
