// Finds the Node that runs the server, from the setting and what is installed, and warns if the setting's is unusable.
import { type LogOutputChannel, window, workspace } from "vscode";
import { type Node, oldest, whichNode } from "./whichNode";

export async function findNode(log: LogOutputChannel): Promise<Node> {
  const chosen = workspace.getConfiguration("glassbox").get("node.path", "");
  const own = { path: process.execPath, electron: process.versions.electron !== undefined };
  const node = await whichNode(chosen, own, (text) => log.debug(text));
  if (chosen && node.path !== chosen)
    window.showWarningMessage(
      `glassbox.node.path should be a Node of version ${oldest} or later, and "${chosen}" is not. Another is used; correct or clear the setting.`,
    );
  return node;
}
