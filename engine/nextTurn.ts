// A turn of the event loop, for work that would keep its thread for long.

/** Lets signals, messages and timers in. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
