// The extension as a view sees it; client/panel.ts is its other side. A view shows the data that it is sent, says what was
// done in it, and keeps what it must know again when it was hidden.
import type { FromView, View } from "../protocol";

export interface Host<Action, Kept> {
  act(action: Action): void;
  /** What was kept before the view was hidden or the window reloaded. */
  readonly kept: Kept | undefined;
  keep(kept: Kept): void;
}

interface VsCode {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

/** To be called once. `show` is called with the data, now and whenever it has changed. */
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
