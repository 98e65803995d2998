// The lock of a lesson: a file in its folder that names the server that has the lesson open, and whose modification time that
// server updates every few seconds. A lesson is open in one window at a time. If the time is old, or the process no longer
// runs on this machine, the server was killed and another one may take the lesson over.
import { randomUUID } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

export interface Lock {
  /** Removes the lock, so that another server may open the lesson. */
  release(): Promise<void>;
}

interface Holder {
  /** Unique to this lock, since a later process may have the same pid. */
  id: string;
  pid: number;
  host: string;
}

/** In milliseconds. A lock that was not updated for `timeout` is dead. */
const heartbeat = 5_000;
const timeout = 60_000;

/**
 * Undefined if another server has the lesson open. `onLost` is called when another server has taken the lock over or the
 * folder was removed.
 */
export async function takeLock(folder: string, onLost: () => void): Promise<Lock | undefined> {
  const path = join(folder, "lock.json");
  const own: Holder = { id: randomUUID(), pid: process.pid, host: hostname() };
  if (!(await create(path, own)) && !(await takeOver(path, own))) return undefined;

  const isOwn = async () => (await read(path))?.id === own.id;
  const timer = setInterval(async () => {
    if (await isOwn()) return utimes(path, new Date(), new Date()).catch(() => {}); // the next heartbeat tries again
    clearInterval(timer);
    onLost();
  }, heartbeat);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      if (await isOwn()) await rm(path, { force: true });
    },
  };
}

/** Whether a running server has the lesson open. */
export async function isLocked(folder: string): Promise<boolean> {
  const holder = await read(join(folder, "lock.json"));
  return holder !== undefined && !holder.isDead;
}

/** False if the file exists already. */
async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** Undefined if there is no lock. The id is undefined while the file is being written. */
async function read(path: string): Promise<{ id?: string; isDead: boolean } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const holder = parsed(text);
    const gone = holder.host === hostname() && holder.pid !== undefined && !isRunning(holder.pid);
    return { id: holder.id, isDead: gone || Date.now() - mtimeMs > timeout };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(text: string): Partial<Holder> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it runs as another user
  }
}

/** Replaces a dead lock. Of several servers that try at once, the one that creates the second file does it. */
async function takeOver(path: string, own: Holder): Promise<boolean> {
  if ((await read(path))?.isDead === false) return false;
  const beside = `${path}.taken`;
  if (!(await create(beside, own))) {
    if ((await read(beside))?.isDead) await rm(beside, { force: true }); // the next attempt can then succeed
    return false;
  }
  try {
    if ((await read(path))?.isDead === false) return false;
    await rm(path, { force: true });
    return await create(path, own);
  } finally {
    await rm(beside, { force: true });
  }
}
