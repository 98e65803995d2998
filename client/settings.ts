// Reading and changing our settings. Nothing is kept: whoever needs a setting asks for it.
import { ConfigurationTarget, type TextDocument, workspace } from "vscode";

export const settings = (scope?: TextDocument) => workspace.getConfiguration("glassbox", scope);

/** Changes a setting where it is set already, so that the change takes effect, and in the user's settings else. */
export async function change(key: string, value: unknown) {
  const { workspaceFolderValue, workspaceValue } = settings().inspect(key) ?? {};
  const target =
    workspaceFolderValue !== undefined
      ? ConfigurationTarget.WorkspaceFolder
      : workspaceValue !== undefined
        ? ConfigurationTarget.Workspace
        : ConfigurationTarget.Global;
  await settings().update(key, value, target);
}

/** Whether completions are on for a document's language. */
export function enabledFor(document: TextDocument | undefined): boolean {
  const { enabled, languages } = settings(document).get<{ enabled: boolean; languages: Record<string, boolean> }>(
    "completions",
    { enabled: true, languages: {} },
  );
  return enabled && (!document || !isSource(document) || (languages[document.languageId] ?? languages["*"] ?? true));
}

/** Not what the editor or we write ourselves: a log that is sent to the server would log that it was sent. */
export const isSource = ({ uri }: TextDocument) => !["output", "glassbox-prompt"].includes(uri.scheme);
