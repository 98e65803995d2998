// Reads settings from the client by `workspace/configuration`, for each document, and caches them until one changes.
import type { Connection } from "vscode-languageserver";
import type { Settings } from "../protocol";

/** For clients without `workspace/configuration`. The same as in package.json. */
export const defaults: Settings = {
  completions: {
    enabled: true,
    languages: { "*": true, plaintext: false, markdown: false, scminput: false, dotenv: false },
    trigger: "automatic",
    multiline: "auto",
    show: "balanced",
    maxTokens: 96,
    delay: 0,
    context: { similar: true, declarations: true, edits: true, after: true },
  },
  model: { path: "", fillInMiddle: true, context: 1536 },
  device: "auto",
  threads: 0,
};

export interface SettingsReader {
  /** The settings for a document, or for the window if no URI is given. */
  (uri?: string): Promise<Settings>;
  /** Drops the cached settings. */
  invalidate(): void;
}

export function readSettings(connection: Connection, canAsk: () => boolean): SettingsReader {
  const cached = new Map<string | undefined, Promise<Settings>>();

  async function ask(uri: string | undefined): Promise<Settings> {
    if (!canAsk()) return defaults;
    const answer: Partial<Settings> | null = await connection.workspace.getConfiguration({
      section: "glassbox",
      scopeUri: uri,
    });
    const context = { ...defaults.completions.context, ...answer?.completions?.context };
    return {
      ...defaults,
      ...answer,
      completions: { ...defaults.completions, ...answer?.completions, context },
      model: { ...defaults.model, ...answer?.model },
    };
  }

  const read = (uri?: string) => {
    const settings = cached.get(uri) ?? ask(uri);
    cached.set(uri, settings);
    settings.catch(() => cached.delete(uri));
    return settings;
  };
  return Object.assign(read, { invalidate: () => cached.clear() });
}
