// The words of memory through which the host and its threads agree, each on a cache line of its own, and the two ways
// to wait. All threads run every plan; thread 0 is the host's.

const base: usize = 1024;

/** Set by anyone to stop the run in progress. */
export const interrupt: usize = base;
/** Counts runs: threads sleep until it changes. */
const runs: usize = base + 64;
/** Threads that have come to the barrier. */
const arrived: usize = base + 128;
/** Counts barriers. */
const barriers: usize = base + 192;
/** Threads asleep at the barrier. */
const sleepers: usize = base + 256;
/** Set when a thread has crashed: the others must not wait for it. */
const broken: usize = base + 320;
/** Set by the host: threads, calls, their number, times, whether to quit, local memory of thread 0, its size. */
const order: usize = base + 384;
/** The barrier at which the last interrupted run was stopped. */
const stopped: usize = base + 448;

export const control: i32 = <i32>base;

export function threads(): i32 {
  return load<i32>(order);
}
export function calls(): usize {
  return load<usize>(order, 4);
}
export function callCount(): i32 {
  return load<i32>(order, 8);
}
export function times(): i32 {
  return load<i32>(order, 12);
}
export function quitting(): bool {
  return load<i32>(order, 16) !== 0;
}

/** Memory of this thread's own, as large as the neediest kernel asked for. */
export function local(): usize {
  return load<usize>(order, 20) + <usize>thread * load<usize>(order, 24);
}

let thread: i32 = 0;

export function beThread(id: i32): void {
  thread = id;
}

export function interrupted(): bool {
  return atomic.load<i32>(interrupt) !== 0;
}

/**
 * Spinning costs others the core, but who sleeps wakes some 40 µs late, and were that longer than the others spin, they
 * would fall asleep at the next barrier in turn, and so on for ever: so spin for some 100 µs. Where that was in vain,
 * because other programs have the cores, a thread spins less and less, but for now and then.
 */
const mostSpins: i32 = 200000;
const leastSpins: i32 = 500;
let spins: i32 = mostSpins;
let waits: i32 = 0;
const millisecond: i64 = 1000000;
/** A thread that has not come to a barrier after so many milliseconds has crashed. */
const patience: i32 = 30000;

/** Number of the run that the host has started last. */
export function lastRun(): i32 {
  return atomic.load<i32>(runs);
}

/** The host's word that there is a run to do. */
export function startRun(): void {
  atomic.add<i32>(runs, 1);
  atomic.notify(runs, -1);
}

/** Waits until a run after number `seen` has started; returns its number. */
export function awaitRun(seen: i32): i32 {
  for (let i = 0; i < mostSpins; i++) {
    const run = atomic.load<i32>(runs);
    if (run !== seen) return run;
  }
  while (atomic.load<i32>(runs) === seen) atomic.wait<i32>(runs, seen, -1);
  return atomic.load<i32>(runs);
}

/** Number of the barrier that comes next. */
export function nextBarrier(): i32 {
  return atomic.load<i32>(barriers);
}

/** Comes to a barrier; true for the last, who must then call `release`. */
export function arriveLast(): bool {
  if (atomic.add<i32>(arrived, 1) !== threads() - 1) return false;
  atomic.store<i32>(arrived, 0);
  return true;
}

/** Lets all threads go on from barrier `number`, or stop there where the run was interrupted. */
export function release(number: i32): void {
  if (interrupted()) atomic.store<i32>(stopped, number + 1);
  atomic.store<i32>(barriers, number + 1);
  if (atomic.load<i32>(sleepers) !== 0) atomic.notify(barriers, -1);
}

/** Waits at barrier `number`. */
export function awaitRelease(number: i32): void {
  if ((++waits & 31) === 0) spins = mostSpins;
  for (let i = 0; i < spins; i++) {
    if (atomic.load<i32>(barriers) !== number) {
      spins = min(4 * spins, mostSpins);
      return;
    }
  }
  spins = max(spins / 2, leastSpins);
  atomic.add<i32>(sleepers, 1);
  for (let waited = 0; atomic.load<i32>(barriers) === number && !isBroken(); waited++) {
    if (waited === patience) breakOff();
    atomic.wait<i32>(barriers, number, millisecond);
  }
  atomic.sub<i32>(sleepers, 1);
}

/** Whether the run goes on after barrier `number`. */
export function goesOn(number: i32): bool {
  return atomic.load<i32>(stopped) !== number + 1 && !isBroken();
}

export function isBroken(): bool {
  return atomic.load<i32>(broken) !== 0;
}

/** Says that this thread can no longer take part, so that nobody waits for it. */
export function breakOff(): void {
  atomic.store<i32>(broken, 1);
  atomic.notify(barriers, -1);
}
