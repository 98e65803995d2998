// Who has a lesson open: a file in its folder that names a server, and whose time that server sets anew every few seconds.
// A lesson is open in one window at a time. Where the file's time is old, or its process is gone from this machine, the
// server was killed, and another one may take the lesson over.
import { randomUUID } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

export interface Lock {
  /** Somebody else may have the lesson from now on. */
  release(): Promise<void>;
}

interface Holder {
  /** Of the lock: no two are alike, and a process that has got the number of one before is not taken for it. */
  id: string;
  pid: number;
  host: string;
}

/** In milliseconds. A server that says nothing for so long, as it should every `beat`, is taken for dead. */
const beat = 5_000;
const patience = 60_000;

/** Undefined where another server has the lesson. `onLost`: it was taken over, or its folder was removed. */
export async function takeLock(folder: string, onLost: () => void): Promise<Lock | undefined> {
  const path = join(folder, "lock.json");
  const own: Holder = { id: randomUUID(), pid: process.pid, host: hostname() };
  if (!(await create(path, own)) && !(await takeOver(path, own))) return undefined;

  const isOwn = async () => (await read(path))?.id === own.id;
  const timer = setInterval(async () => {
    if (await isOwn()) return utimes(path, new Date(), new Date()).catch(() => {}); // one beat is not missed
    clearInterval(timer);
    onLost();
  }, beat);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      if (await isOwn()) await rm(path, { force: true });
    },
  };
}

/** Whether a server that lives has the lesson. */
export async function isLocked(folder: string): Promise<boolean> {
  const holder = await read(join(folder, "lock.json"));
  return holder !== undefined && !holder.isDead;
}

/** Not where it is there already. */
async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** Undefined where there is none. One that is being written has no id yet. */
async function read(path: string): Promise<{ id?: string; isDead: boolean } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const holder = parsed(text);
    const gone = holder.host === hostname() && holder.pid !== undefined && !isRunning(holder.pid);
    return { id: holder.id, isDead: gone || Date.now() - mtimeMs > patience };
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
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it runs, as another user
  }
}

/** Puts `own` in the place of a dead lock. Of those who want to at once, the one does that makes the file beside it. */
async function takeOver(path: string, own: Holder): Promise<boolean> {
  if ((await read(path))?.isDead === false) return false;
  const beside = `${path}.taken`;
  if (!(await create(beside, own))) {
    if ((await read(beside))?.isDead) await rm(beside, { force: true }); // and the next one may
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
