// A view is declared as the name of its folder in webview/. The type of the name carries the types of the messages between the
// extension and the view: `Data` and `Action`, which may hold typed arrays, and `Kept`, the JSON state that VS Code keeps
// while the view is hidden and returns to the extension after a reload of the window.

declare const types: unique symbol;

export type View<Data, Action, Kept> = string & { readonly [types]?: (data: Data, action: Action) => Kept };

/** View → extension: the view is loaded and needs its data, or the user has done something in it. */
export type FromView<Action> = { ready: true } | { action: Action };
