// The words of memory through which the host and its threads agree, each on a cache line of its own. kernels.ts knows
// where they are, too.

/** Set by anyone to stop the run in progress. */
const interrupt: usize = 1024;
/** What there is to do now: the phase's number (high 32 bits) and how many of its shares nobody has taken (low 32). */
export const offer: usize = 1088;
/** Shares of the phase that are not done. */
export const undone: usize = 1152;
/** The phase's first call. */
export const phase: usize = 1216;
/** Threads asleep until the phase's number changes. */
export const sleepers: usize = 1280;
/** Set when a thread has crashed: the others must not wait for it. */
const broken: usize = 1344;
/**
 * What the host has ordered: calls, their end, times, whether to quit, local memory of thread 0, bytes of it. Where a run
 * is stopped, what is left of it: times, and behind these words a phase's first call and its shares that are not done.
 */
export const order: usize = 1408;
export function isInterrupted(): bool {
  return atomic.load<i32>(interrupt) !== 0;
}

export function isBroken(): bool {
  return atomic.load<i32>(broken) !== 0;
}

/** Says that this thread can no longer take part, so that nobody waits for it. */
export function breakOff(): void {
  atomic.store<i32>(broken, 1);
  atomic.notify(offer + 4, -1);
}

let thread: i32 = 0;

/** Makes this instance thread `id`. */
export function enlist(id: i32): void {
  thread = id;
}

/** Memory of this thread's own, as large as the neediest kernel asked for. */
export function local(): usize {
  return load<usize>(order, 16) + <usize>thread * load<usize>(order, 20);
}
