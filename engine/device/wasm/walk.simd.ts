// How threads run a plan: each walks the same list of calls, takes items of each, and waits where encode.ts saw that
// one call needs what another writes. The list of kernels is made by tools/kernels.mjs.

import { callBytes, grain, isChained, items, needsBarrier, opcode, take, untake } from "./call.simd";
import {
  arriveLast,
  awaitRelease,
  awaitRun,
  beThread,
  callCount,
  calls,
  control,
  goesOn,
  interrupted,
  lastRun,
  nextBarrier,
  quitting,
  release,
  startRun,
  times,
} from "./control.simd";
import { runKernel } from "./kernels";

export { breakOff, isBroken, startRun } from "./control.simd";

export function controlAddress(): i32 {
  return control;
}

/** Where the memory that nobody has taken begins. */
export function heapAddress(): usize {
  return __heap_base;
}

/** Starts the run that the host has written down, and does the host's share of it; false where it was interrupted. */
export function run(): bool {
  startRun();
  return walk();
}

let seen: i32 = 0;

/** Prepares thread `id` to serve. */
export function enlist(id: i32): void {
  beThread(id);
  seen = lastRun();
}

/** Waits for a run and takes part in it; false when there will be no more. */
export function serve(): bool {
  seen = awaitRun(seen);
  if (quitting()) return false;
  walk();
  return true;
}

function walk(): bool {
  const first = calls();
  const end = first + <usize>(callCount() * callBytes);
  for (let rounds = times(); rounds > 0; rounds--) {
    let since = first;
    for (let call = first; call < end; call += callBytes) {
      if (needsBarrier(call)) {
        if (!meet(since, call)) return false;
        since = call;
      }
      if (!isChained(call)) work(call, end);
    }
    if (!meet(since, end)) return false;
  }
  return true;
}

function work(call: usize, end: usize): void {
  const all = items(call);
  const some = grain(call);
  const kernel = opcode(call);
  for (;;) {
    const from = take(call, some);
    if (from >= all || interrupted()) return;
    runKernel(kernel, call, from, min(from + some, all));
    for (let next = call + callBytes; next < end && isChained(next); next += callBytes)
      runKernel(opcode(next), next, 0, items(next));
  }
}

/** Waits until every thread is done with the calls from `since` to `until`; false where the run stops here. */
function meet(since: usize, until: usize): bool {
  const number = nextBarrier();
  if (arriveLast()) {
    for (let call = since; call < until; call += callBytes) untake(call);
    release(number);
  } else awaitRelease(number);
  return goesOn(number);
}
