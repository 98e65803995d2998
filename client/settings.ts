// Reads and changes Glassbox's settings. Nothing is cached.
import { ConfigurationTarget, commands, env, type TextDocument, workspace } from "vscode";

export const settings = (scope?: TextDocument) => workspace.getConfiguration("glassbox", scope);

/** Changes a setting in the scope in which it is set already, so that the change takes effect, or else in the user's settings. */
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

/** Opens the settings editor with one of Glassbox's settings, or all, in the scope in which a change takes effect. */
export async function openSettings(key?: string) {
  const query = key ? `@id:glassbox.${key}` : "@ext:glassbox.glassbox";
  const inWorkspace = key && settings().inspect(key)?.workspaceValue !== undefined;
  // Machine-scoped settings, such as the device, belong to the remote machine if the extension runs there.
  const scope = inWorkspace ? "Workspace" : env.remoteName ? "Remote" : "";
  await commands.executeCommand(`workbench.action.open${scope}Settings`, { query });
}

/** False for logs and for Glassbox's own documents: a log that is sent to the server would log that it was sent. */
export const isSource = ({ uri }: TextDocument) => !["output", "glassbox-prompt"].includes(uri.scheme);
