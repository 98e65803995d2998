// The variables by which the server's process gives freed memory back to Linux.

/**
 * glibc returns a block that has pages of its own when it is freed, and others only from a heap's end. Training frees some
 * 100 MB of smaller blocks while the next worker has begun to fill the same heap, so those from 32 KB on get their own pages.
 * Other systems do not read these variables.
 */
export const mallocSettings = { MALLOC_MMAP_THRESHOLD_: "32768", MALLOC_ARENA_MAX: "2" };
