// VS Code as a view sees it: takes messages, and keeps the view's state while it is hidden.

interface Host<State> {
  postMessage(message: unknown): void;
  getState(): State | undefined;
  setState(state: State): void;
}

declare function acquireVsCodeApi<State>(): Host<State>;

export const connectHost = <State>() => acquireVsCodeApi<State>();
