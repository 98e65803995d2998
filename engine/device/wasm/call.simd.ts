// A kernel call as encode.ts writes it into memory, and accessors for kernels. Threads take a call's items in chunks of
// `grain` items.

export const callBytes: usize = 192;

/**
 * The fields that all calls have. A kernel `name(call: NameCall, …)` declares a subclass that adds the kernel's params,
 * with the names and the order that its op gives them; encode.ts checks that they agree.
 */
@unmanaged
export class Call {
  opcode: i32;
  /**
   * 1: begins a phase, which starts when all calls before it are done. 2: chained to the call before, on the same thread.
   */
  flags: i32;
  items: i32;
  /** Items of a chunk. */
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
  /** What the kernel before, of the same op, has written for this one. */
  scratch: usize;
  /** Chunks of this call; 0 where it is chained. */
  chunks: i32;
  /** Chunks of the whole phase that the call begins. */
  phaseChunks: i32;
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

export function chunks(call: usize): i32 {
  return changetype<Call>(call).chunks;
}

export function phaseChunks(call: usize): i32 {
  return changetype<Call>(call).phaseChunks;
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
