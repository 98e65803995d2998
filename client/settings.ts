// Reading and changing our settings. Nothing is kept: whoever needs a setting asks for it.
import { ConfigurationTarget, commands, env, type TextDocument, workspace } from "vscode";

export const settings = (scope?: TextDocument) => workspace.getConfiguration("glassbox", scope);

/** Changes a setting where it is set already, so that the change takes effect, and in the user's settings else. */
export async function change(key: string, value: unknown, scope?: TextDocument, section = "glassbox") {
  const settings = workspace.getConfiguration(section, scope);
  const { workspaceFolderValue, workspaceValue } = settings.inspect(key) ?? {};
  const target =
    workspaceFolderValue !== undefined
      ? ConfigurationTarget.WorkspaceFolder
      : workspaceValue !== undefined
        ? ConfigurationTarget.Workspace
        : ConfigurationTarget.Global;
  await settings.update(key, value, target);
}

/** Opens the settings editor on one of our settings, or on all, where a change takes effect. */
export async function openSettings(key?: string) {
  const query = key ? `@id:glassbox.${key}` : "@ext:glassbox.glassbox";
  const inWorkspace = key && settings().inspect(key)?.workspaceValue !== undefined;
  // What a machine has to itself, such as its device, is a remote machine's setting where the extension runs there.
  const scope = inWorkspace ? "Workspace" : env.remoteName ? "Remote" : "";
  await commands.executeCommand(`workbench.action.open${scope}Settings`, { query });
}

/** Not what the editor or we write ourselves: a log that is sent to the server would log that it was sent. */
export const isSource = ({ uri }: TextDocument) => !["output", "glassbox-prompt"].includes(uri.scheme);
