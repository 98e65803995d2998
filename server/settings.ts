// Settings, asked of the client for each document and remembered until one of them changes.
import type { Connection } from "vscode-languageserver";
import type { Settings } from "../protocol";

/** For clients that have no configuration to ask for. package.json says the same. */
export const defaults: Settings = {
  completions: {
    enabled: true,
    languages: { "*": true, plaintext: false, markdown: false, scminput: false, dotenv: false },
    trigger: "automatic",
    multiline: "auto",
    maxTokens: 96,
    delay: 0,
  },
  model: { path: "", fillInMiddle: true, context: 1536 },
  device: "auto",
  threads: 0,
};

export interface SettingsReader {
  /** Of a document; without one, of the window. */
  (uri?: string): Promise<Settings>;
  /** They changed. */
  forget(): void;
}

export function readSettings(connection: Connection, canAsk: () => boolean): SettingsReader {
  const known = new Map<string | undefined, Promise<Settings>>();

  async function ask(uri: string | undefined): Promise<Settings> {
    if (!canAsk()) return defaults;
    const answer: Partial<Settings> | null = await connection.workspace.getConfiguration({
      section: "glassbox",
      scopeUri: uri,
    });
    return {
      ...defaults,
      ...answer,
      completions: { ...defaults.completions, ...answer?.completions },
      model: { ...defaults.model, ...answer?.model },
    };
  }

  const read = (uri?: string) => {
    const asked = known.get(uri) ?? ask(uri);
    known.set(uri, asked);
    asked.catch(() => known.delete(uri));
    return asked;
  };
  return Object.assign(read, { forget: () => known.clear() });
}
