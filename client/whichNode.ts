// Chooses the Node that runs the server. A real Node is preferred, because GPU buffers cannot be read back in Electron's.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Node {
  path: string;
  /** Where it was found, for the log. */
  origin: string;
}

export const oldest = 20;

/** The setting's; this process's own, if it is a real Node as on a remote host; the one in PATH; or else Electron's. */
export async function whichNode(
  chosen: string,
  own: { path: string; electron: boolean },
  log: (text: string) => void,
): Promise<Node> {
  if (chosen && (await works(chosen, log))) return { path: chosen, origin: "glassbox.node.path" };
  if (!own.electron) return { path: own.path, origin: "the extension host's own" };
  if (await works("node", log)) return { path: "node", origin: "PATH" };
  return { path: own.path, origin: "Electron's, which has no GPU" };
}

async function works(path: string, log: (text: string) => void): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--print", "process.versions.node"], { timeout: 3000 });
    log(`${path} is Node ${stdout.trim()}`);
    return Number.parseInt(stdout, 10) >= oldest;
  } catch (error) {
    log(`${path} is no Node: ${error}`);
    return false;
  }
}
