// What the client hands over in LSP's `initialize`, as `initializationOptions`.

export interface InitializationOptions {
  /** A folder of ours that outlives sessions: downloaded models, what was measured on this machine's devices. */
  storage: string;
}
