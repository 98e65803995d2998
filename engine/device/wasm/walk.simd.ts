// How threads run a plan. Its calls lie in phases, and a phase's work in shares, which threads take from one common
// offer. Who finishes a phase's last share offers the next phase. Nobody waits for a thread as such, only for shares that
// are being worked on: a thread to which the system gives no time holds nobody up. The list of kernels, kernels.ts, is
// made by tools/kernels.mjs.

import { beginsPhase, callBytes, grain, isChained, items, opcode, phaseShares, shares } from "./call.simd";
import { isBroken, isInterrupted, offer, order, phase, sleepers, undone } from "./control.simd";
import { runKernel } from "./kernels";

export { breakOff, enlist, isBroken } from "./control.simd";

/** Where the memory that nobody has taken begins. */
export function heapAddress(): usize {
  return __heap_base;
}

/** What is offered when no run goes on. */
const finished: i32 = -1;
const stopped: i32 = -2;

/** Runs what the host has ordered; false where the run was stopped. */
export function run(): bool {
  offerShares(load<usize>(order), phaseShares(load<usize>(order)));
  return walk();
}

/** Runs what is left of an order whose run was stopped; false where it was stopped again. */
export function resume(): bool {
  const first = load<usize>(order, 24);
  const left = load<i32>(order, 28);
  store<i32>(order, 0, 28);
  if (left > 0) offerShares(first, left);
  else goOn(first);
  return walk();
}

function walk(): bool {
  let offered = atomic.load<i64>(offer);
  while (<i32>offered >= 0 && !isBroken()) {
    work(offered);
    offered = atomic.load<i64>(offer);
  }
  return <i32>offered === finished;
}

/** Takes part in whatever is run; returns when the host says to quit. */
export function serve(): void {
  while (load<i32>(order, 12) === 0 && !isBroken()) work(atomic.load<i64>(offer));
}

/** Says that there is nothing to run, and wakes the threads to see whether they are to quit. */
export function rest(): void {
  publish(finished);
}

/** Takes and does a share of what is offered; where there is none, waits for another offer, or for a while. */
function work(offered: i64): void {
  const left = <i32>offered;
  if (left <= 0) {
    wait(<i32>(offered >> 32), left);
    return;
  }
  if (isInterrupted()) {
    keepBack(offered, left);
    return;
  }
  if (atomic.cmpxchg<i64>(offer, offered, offered - 1) !== offered) return;
  const first = load<usize>(phase); // stays as it is while this share is undone
  doShare(first, phaseShares(first) - left);
  if (atomic.sub<i32>(undone, 1) === 1) goOn(first);
}

/** Takes all `left` shares that nobody has taken, and leaves them undone. */
function keepBack(offered: i64, left: i32): void {
  if (atomic.cmpxchg<i64>(offer, offered, offered - left) !== offered) return;
  const first = load<usize>(phase);
  store<i32>(order, left, 28);
  if (atomic.sub<i32>(undone, left) === left) goOn(first);
}

function doShare(first: usize, share: i32): void {
  let call = first;
  for (; share >= shares(call); call += callBytes) share -= shares(call);
  const from = share * grain(call);
  runKernel(opcode(call), call, from, min(from + grain(call), items(call)));
  for (call += callBytes; isChained(call); call += callBytes) runKernel(opcode(call), call, 0, items(call));
}

/** Offers what comes after the phase that begins with call `first`. */
function goOn(first: usize): void {
  if (load<i32>(order, 28) > 0 || isInterrupted()) {
    store<usize>(order, first, 24);
    publish(stopped);
    return;
  }
  let next = first + callBytes;
  while (next < load<usize>(order, 4) && !beginsPhase(next)) next += callBytes;
  if (next < load<usize>(order, 4)) {
    offerShares(next, phaseShares(next));
    return;
  }
  const rounds = load<i32>(order, 8) - 1;
  store<i32>(order, rounds, 8);
  if (rounds > 0) offerShares(load<usize>(order), phaseShares(load<usize>(order)));
  else publish(finished);
}

/** Offers the last so many shares of the phase that begins with call `first`. */
function offerShares(first: usize, count: i32): void {
  store<usize>(phase, first);
  atomic.store<i32>(undone, count);
  publish(count);
}

function publish(count: i32): void {
  const number = <i32>(atomic.load<i64>(offer) >> 32);
  atomic.store<i64>(offer, ((<i64>(number + 1)) << 32) | (<i64>count & 0xffffffff));
  if (count !== 1 && atomic.load<i32>(sleepers) !== 0) atomic.notify(offer + 4, -1);
}

/** Spinning costs others the core, but who sleeps wakes some 40 µs late: spin for some 100 µs. */
const spins: i32 = 200000;
const millisecond: i64 = 1000000;

/** Waits until the phase is no longer `number`, or for a while. */
function wait(number: i32, left: i32): void {
  for (let i = 0; i < spins; i++) if (atomic.load<i32>(offer + 4) !== number) return;
  atomic.add<i32>(sleepers, 1);
  // Between runs, without end; else so long that one sees when a thread has crashed.
  atomic.wait<i32>(offer + 4, number, left < 0 ? -1 : millisecond);
  atomic.sub<i32>(sleepers, 1);
}
