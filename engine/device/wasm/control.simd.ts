// The words of memory that synchronize the host and its threads, each on a cache line of its own. The host's copy of
// their addresses is in kernels.ts.

/** Any thread sets it to stop the run in progress. */
const interrupt: usize = 1024;
/** The phase in progress: its number (high 32 bits), and how many of its chunks no thread has taken (low 32 bits). */
export const available: usize = 1088;
/** Chunks of the phase that are not finished. */
export const unfinished: usize = 1152;
/** The address of the phase's first call. */
export const phase: usize = 1216;
/** How many threads sleep until the phase's number changes. */
export const sleepers: usize = 1280;
/** Set when a thread has crashed, so that the others do not wait for it. */
const broken: usize = 1344;
/**
 * The host's command, eight words: address of the first call, end of the calls, how many times to run them, whether
 * threads are to quit, address of thread 0's local memory, bytes of each thread's local memory. A run that is stopped
 * leaves in them what is left to do: the times, and in the last two words the phase's first call and how many chunks are
 * left of it.
 */
export const command: usize = 1408;

export function isInterrupted(): bool {
  return atomic.load<i32>(interrupt) !== 0;
}

export function isBroken(): bool {
  return atomic.load<i32>(broken) !== 0;
}

/** Tells the other threads that this one has crashed. */
export function markBroken(): void {
  atomic.store<i32>(broken, 1);
  atomic.notify(available + 4, -1);
}

let thread: i32 = 0;

/** Sets which thread this instance is. */
export function setThread(id: i32): void {
  thread = id;
}

/** This thread's local memory, as large as the largest `local` of the plan's kernels. */
export function local(): usize {
  return load<usize>(command, 16) + <usize>thread * load<usize>(command, 20);
}
