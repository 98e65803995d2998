// Shows a view of webview/ in an editor tab, one tab for each view. The tab shows what `data` returns, may load only the view's
// own files, and is restored when the window is reloaded.
import { randomBytes } from "node:crypto";
import { TabInputWebview, Uri, ViewColumn, type Webview, type WebviewPanel, window } from "vscode";
import type { FromView, View } from "../protocol";
import type { GlassboxContext } from "./context";

export interface Panel {
  readonly visible: boolean;
  /** Opens the tab, or brings it to the front. */
  show(): Promise<void>;
  /** Call it when `data` has changed. */
  update(): void;
}

export interface PanelOptions<Data, Action, Kept> {
  /** Everything that the view shows; undefined closes the tab. */
  data(): Data | undefined;
  title(data: Data): string;
  /** Handles an action of the user in the view. */
  act(action: Action): unknown;
  /** Restores the state that the view kept when the window was reloaded. Called before `data`. */
  restore?(kept: Kept): void;
}

/** Milliseconds between two updates of the view. */
const interval = 200;

export function createPanel<Data, Action, Kept>(
  { extensionUri, subscriptions }: Pick<GlassboxContext, "extensionUri" | "subscriptions">,
  view: View<Data, Action, Kept>,
  { data, title, act, restore }: PanelOptions<Data, Action, Kept>,
): Panel {
  const type = `glassbox.${view}`;
  let panel: WebviewPanel | undefined;
  let due: NodeJS.Timeout | undefined;

  async function show() {
    if (panel) return panel.reveal();
    const shown = data();
    if (shown === undefined) return;
    await window.tabGroups.close(unloadedTabs(type));
    attach(window.createWebviewPanel(type, title(shown), ViewColumn.Active));
  }

  /** The view requests its data when it is loaded. */
  function attach(opened: WebviewPanel) {
    panel = opened;
    panel.iconPath = Uri.joinPath(extensionUri, "images/icon.svg");
    const files = Uri.joinPath(extensionUri, "dist/view");
    panel.webview.options = { enableScripts: true, localResourceRoots: [files] };
    panel.webview.onDidReceiveMessage((message: FromView<Action>) =>
      "ready" in message ? post() : act(message.action),
    );
    panel.webview.html = page(panel.webview, files, view);
    panel.onDidDispose(() => {
      if (panel === opened) panel = undefined;
    });
  }

  function post() {
    clearTimeout(due);
    due = undefined;
    const shown = data();
    if (shown !== undefined) panel?.webview.postMessage(shown);
  }

  function update() {
    if (!panel) return;
    const shown = data();
    if (shown === undefined) return panel.dispose();
    panel.title = title(shown);
    due ??= setTimeout(post, interval);
  }

  subscriptions.push(
    { dispose: () => clearTimeout(due) },
    window.registerWebviewPanelSerializer(type, {
      async deserializeWebviewPanel(opened, kept: Kept | undefined) {
        if (kept) restore?.(kept);
        if (data() === undefined || panel) opened.dispose();
        else attach(opened);
      },
    }),
  );
  return {
    get visible() {
      return panel?.visible ?? false;
    },
    show,
    update,
  };
}

/** Tabs that were not shown since the window was reloaded, and so have no panel yet. */
const unloadedTabs = (type: string) =>
  window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith(type));

/** The theme's colours come with the page: VS Code sets them as CSS variables, and theme.css names them. */
function page(webview: Webview, files: Uri, view: string): string {
  const nonce = randomBytes(16).toString("base64");
  const address = (file: string) => webview.asWebviewUri(Uri.joinPath(files, file));
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'" />
    <meta name="viewport" content="width=device-width" />
    <link rel="stylesheet" href="${address("theme.css")}" />
    <link rel="stylesheet" href="${address(`${view}/main.css`)}" />
    <title>Glassbox</title>
  </head>
  <body>
    <main id="view"></main>
    <script type="module" nonce="${nonce}" src="${address(`${view}/main.js`)}"></script>
  </body>
</html>`;
}
