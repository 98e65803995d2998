// The `initializationOptions` of LSP's `initialize`.

export interface InitializationOptions {
  /** The path of Glassbox's own folder, which persists between sessions: downloaded models, lessons, adapters. */
  storage: string;
  /** The path of Glassbox's folder for this workspace; absent where none is open. */
  workspaceStorage?: string;
  /** Whether the user trusts the workspace. `trusted` tells when that changes. */
  trusted: boolean;
}
