// Connects a view with the extension; client/panel.ts is the other side. A view shows the data that it receives, sends the
// user's actions, and keeps the state that it needs when it is shown again.
import type { FromView, View } from "../protocol";

export interface Host<Action, Kept> {
  act(action: Action): void;
  /** The state that was kept before the view was hidden or the window reloaded. */
  readonly kept: Kept | undefined;
  keep(kept: Kept): void;
}

interface VsCode {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

/** Call it once. `show` receives the data, first when the view is loaded and then whenever it has changed. */
export function connectHost<Data, Action, Kept>(
  _: View<Data, Action, Kept>,
  show: (data: Data) => void,
): Host<Action, Kept> {
  const code = acquireVsCodeApi();
  const post = (message: FromView<Action>) => code.postMessage(message);
  addEventListener("message", ({ data }: MessageEvent<Data>) => show(data));
  post({ ready: true });
  return {
    act: (action) => post({ action }),
    get kept() {
      return code.getState() as Kept | undefined;
    },
    keep: (kept) => code.setState(kept),
  };
}
