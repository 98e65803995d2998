// The `initializationOptions` of LSP's `initialize`.

export interface InitializationOptions {
  /** The path of Glassbox's own folder, which persists between sessions: downloaded models, lessons, adapters. */
  storage: string;
}
