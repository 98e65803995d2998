// The lesson's panel: its plan, its progress, its report, and the buttons in it. There is one; closing it ends no lesson, and
// "Show Lesson" opens it again. After a window was reloaded it is there as it was.
import { randomBytes } from "node:crypto";
import {
  commands,
  type ExtensionContext,
  TabInputWebview,
  Uri,
  ViewColumn,
  type Webview,
  type WebviewPanel,
  window,
} from "vscode";
import { controlLesson, type LessonAction, type LessonView } from "../protocol";
import { changeAdapters } from "./adapters";
import { exportLesson } from "./exportLesson";
import { tellNews } from "./lessonNews";
import type { Lessons } from "./lessons";
import type { Server } from "./server";

const type = "glassbox.lesson";
/** So often, in milliseconds, a panel is told what is new. */
const pace = 200;

export function activate(context: ExtensionContext, server: Server, lessons: Lessons) {
  let panel: WebviewPanel | undefined;
  let due: NodeJS.Timeout | undefined;
  const act = actions(server, lessons);

  async function show() {
    if (panel) return panel.reveal();
    if (!lessons.view) return;
    await window.tabGroups.close(asleep());
    attach(window.createWebviewPanel(type, "", ViewColumn.Active));
  }

  function attach(opened: WebviewPanel) {
    panel = opened;
    panel.iconPath = Uri.joinPath(context.extensionUri, "images/icon.svg");
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(context.extensionUri, "dist/view")],
    };
    panel.webview.onDidReceiveMessage((message: LessonAction) => (message.action === "ready" ? post() : act(message)));
    panel.webview.html = page(panel.webview, context.extensionUri);
    panel.onDidDispose(() => {
      if (panel === opened) panel = undefined;
    });
    update();
  }

  function post() {
    clearTimeout(due);
    due = undefined;
    if (panel && lessons.view) panel.webview.postMessage(lessons.view);
  }

  function update() {
    if (!lessons.view) return panel?.dispose();
    if (panel) panel.title = `Lesson: ${lessons.view.workspace}`;
    due ??= setTimeout(post, pace);
  }

  context.subscriptions.push(
    { dispose: () => clearTimeout(due) },
    lessons.onChange(update),
    tellNews(lessons, () => panel?.visible ?? false),
    commands.registerCommand("glassbox.showLesson", show),
    window.registerWebviewPanelSerializer(type, {
      async deserializeWebviewPanel(opened, state: { view: LessonView } | undefined) {
        if (state) lessons.reopen(state.view);
        if (lessons.view && !panel) attach(opened);
        else opened.dispose();
      },
    }),
  );
}

/** A tab that has not been looked at since the window was reloaded has no panel yet. */
const asleep = () =>
  window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith(type));

/** What the buttons do. */
function actions(server: Server, lessons: Lessons) {
  async function setScale(scale: number) {
    const { outcome } = lessons.view!;
    if (typeof outcome !== "object" || !outcome.path) return;
    const changed = await changeAdapters(server, { action: "use", path: outcome.path, scale });
    if (changed) lessons.change({ outcome: { ...outcome, scale } });
  }

  return async (message: LessonAction) => {
    if (!lessons.view) return;
    switch (message.action) {
      case "ready":
        return;
      case "keep":
        if ((await lessons.control("keep", { name: message.name })) && message.scale !== 1)
          await setScale(message.scale);
        return;
      case "scale":
        return setScale(message.scale);
      case "discard":
        return discard(lessons);
      case "cancel":
        server.request(controlLesson, { id: lessons.view.plan.id, action: "discard" }).catch(() => {}); // it need not know
        return lessons.close();
      case "export":
        return exportLesson(server, lessons.view.plan);
      case "adapters":
        return commands.executeCommand("glassbox.adapters");
      case "showLog":
        return commands.executeCommand("glassbox.showLog");
      default:
        return lessons.control(message.action);
    }
  };
}

async function discard(lessons: Lessons) {
  const sure = await window.showWarningMessage(
    "Discard what the model has learned in this lesson?",
    { modal: true, detail: "It cannot be brought back. The model itself stays as it was." },
    "Discard",
  );
  if (!sure) return;
  await lessons.control("discard"); // where it could not be found, there is nothing to discard
  if (lessons.view?.lesson?.report) lessons.change({ outcome: "discarded" });
  else lessons.close();
}

function page(webview: Webview, extension: Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const address = (file: string) => webview.asWebviewUri(Uri.joinPath(extension, "dist/view/lesson", file));
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'" />
    <meta name="viewport" content="width=device-width" />
    <link rel="stylesheet" href="${address("main.css")}" />
    <title>Lesson</title>
  </head>
  <body>
    <main id="view"></main>
    <script type="module" nonce="${nonce}" src="${address("main.js")}"></script>
  </body>
</html>`;
}
