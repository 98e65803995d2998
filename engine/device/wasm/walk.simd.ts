// Runs a plan's calls on all threads. Calls come in phases, and a phase's work is cut into chunks, which threads take
// from one atomic counter. The thread that finishes a phase's last chunk starts the next phase. A thread waits only for
// chunks that others have begun, so one that the system does not schedule delays nobody. tools/kernels.mjs generates the
// list of kernels that is imported as kernels.ts.

import { beginsPhase, callBytes, chunks, grain, isChained, items, opcode, phaseChunks } from "./call.simd";
import { available, command, isBroken, isInterrupted, phase, sleepers, unfinished } from "./control.simd";
import { runKernel } from "./kernels";

export { isBroken, markBroken, setThread } from "./control.simd";

/** The end of the module's own data: the host allocates from here on. */
export function heapAddress(): usize {
  return __heap_base;
}

/** Instead of a number of chunks, when no run is in progress: the last one was finished, or stopped. */
const finished: i32 = -1;
const stopped: i32 = -2;

/** Runs the host's command; false where the run was stopped. */
export function run(): bool {
  startPhase(load<usize>(command), phaseChunks(load<usize>(command)));
  return walk();
}

/** Continues a run that was stopped; false where it was stopped again. */
export function resume(): bool {
  const first = load<usize>(command, 24);
  const left = load<i32>(command, 28);
  store<i32>(command, 0, 28);
  if (left > 0) startPhase(first, left);
  else endPhase(first);
  return walk();
}

function walk(): bool {
  let seen = atomic.load<i64>(available);
  while (<i32>seen >= 0 && !isBroken()) {
    work(seen);
    seen = atomic.load<i64>(available);
  }
  return <i32>seen === finished;
}

/** A worker thread's loop: takes part in every run until the host tells it to quit. */
export function serve(): void {
  while (load<i32>(command, 12) === 0 && !isBroken()) work(atomic.load<i64>(available));
}

/** Wakes all threads although there is nothing to run, so that they look whether they are to quit. */
export function wakeAll(): void {
  publish(finished);
}

/** Does a chunk, given `available` as last read; where none is left, waits for the next phase, at most for a while. */
function work(seen: i64): void {
  const left = <i32>seen;
  if (left <= 0) {
    wait(<i32>(seen >> 32), left);
    return;
  }
  if (isInterrupted()) {
    takeBack(seen, left);
    return;
  }
  if (atomic.cmpxchg<i64>(available, seen, seen - 1) !== seen) return;
  const first = load<usize>(phase); // does not change while this chunk is unfinished
  doChunk(first, phaseChunks(first) - left);
  if (atomic.sub<i32>(unfinished, 1) === 1) endPhase(first);
}

/** Stops a run: takes all `left` chunks that no thread has taken, without doing them. */
function takeBack(seen: i64, left: i32): void {
  if (atomic.cmpxchg<i64>(available, seen, seen - left) !== seen) return;
  const first = load<usize>(phase);
  store<i32>(command, left, 28);
  if (atomic.sub<i32>(unfinished, left) === left) endPhase(first);
}

function doChunk(first: usize, chunk: i32): void {
  let call = first;
  for (; chunk >= chunks(call); call += callBytes) chunk -= chunks(call);
  const from = chunk * grain(call);
  runKernel(opcode(call), call, from, min(from + grain(call), items(call)));
  for (call += callBytes; isChained(call); call += callBytes) runKernel(opcode(call), call, 0, items(call));
}

/** Ends the phase that begins with call `first`: starts the next one, or the next repetition, or ends the run. */
function endPhase(first: usize): void {
  if (load<i32>(command, 28) > 0 || isInterrupted()) {
    store<usize>(command, first, 24);
    publish(stopped);
    return;
  }
  let next = first + callBytes;
  while (next < load<usize>(command, 4) && !beginsPhase(next)) next += callBytes;
  if (next < load<usize>(command, 4)) {
    startPhase(next, phaseChunks(next));
    return;
  }
  const times = load<i32>(command, 8) - 1;
  store<i32>(command, times, 8);
  if (times > 0) startPhase(load<usize>(command), phaseChunks(load<usize>(command)));
  else publish(finished);
}

/** Starts the phase that begins with call `first`, of which the last `count` chunks are to be done. */
function startPhase(first: usize, count: i32): void {
  store<usize>(phase, first);
  atomic.store<i32>(unfinished, count);
  publish(count);
}

function publish(count: i32): void {
  const number = <i32>(atomic.load<i64>(available) >> 32);
  atomic.store<i64>(available, ((<i64>(number + 1)) << 32) | (<i64>count & 0xffffffff));
  if (count !== 1 && atomic.load<i32>(sleepers) !== 0) atomic.notify(available + 4, -1);
}

/** Some 100 µs. Spinning keeps the core from other threads, but a thread that sleeps wakes some 40 µs late. */
const spins: i32 = 200000;
const millisecond: i64 = 1000000;

/** Waits until the phase is no longer `number`, at most for a while. */
function wait(number: i32, left: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(available + 4) !== number) return;
  atomic.add<i32>(sleepers, 1);
  // Between runs there is no time limit. In a run there is one, so that the caller can see that a thread has crashed.
  atomic.wait<i32>(available + 4, number, left < 0 ? -1 : millisecond);
  atomic.sub<i32>(sleepers, 1);
}
