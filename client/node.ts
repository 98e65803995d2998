// Which Node runs the server. A real one, where there is one: the GPU's buffers cannot be read back in Electron's.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type LogOutputChannel, window, workspace } from "vscode";

export interface Node {
  path: string;
  /** Where it was found, for the log. */
  origin: string;
}

const oldest = 20;

/** The setting's, this extension host's own if it is a real one (a remote host's is), PATH's; else Electron's. */
export async function findNode(log: LogOutputChannel): Promise<Node> {
  const chosen = workspace.getConfiguration("glassbox").get("node.path", "");
  if (chosen) {
    if (await works(chosen, log)) return { path: chosen, origin: "glassbox.node.path" };
    window.showWarningMessage(
      `glassbox.node.path should be a Node of version ${oldest} or later, and "${chosen}" is not. Another is used; correct or clear the setting.`,
    );
  }
  if (!process.versions.electron) return { path: process.execPath, origin: "the extension host's own" };
  if (await works("node", log)) return { path: "node", origin: "PATH" };
  return { path: process.execPath, origin: "Electron's, which has no GPU" };
}

async function works(path: string, log: LogOutputChannel): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--print", "process.versions.node"], { timeout: 3000 });
    log.debug(`${path} is Node ${stdout.trim()}`);
    return Number.parseInt(stdout, 10) >= oldest;
  } catch (error) {
    log.debug(`${path} is no Node: ${error}`);
    return false;
  }
}
