// A view is the name of its folder in webview/. The name carries the types of what travels between the extension and the
// view by `postMessage`, typed arrays and buffers among it. It also carries what the view keeps while it is hidden and while
// the window is reloaded: JSON, which the extension gets back after a reload.

declare const types: unique symbol;

export type View<Data, Action, Kept> = string & { readonly [types]?: (data: Data, action: Action) => Kept };

/** View → extension: it is there and wants its data, or something was done in it. */
export type FromView<Action> = { ready: true } | { action: Action };
