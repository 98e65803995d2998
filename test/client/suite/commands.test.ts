// The commands, run as another extension or a key binding runs them.
import { equal, match, ok } from "node:assert/strict";
import { ConfigurationTarget, commands, Position, Selection, Uri, window, workspace } from "vscode";
import { glassbox, statusWhere } from "./glassbox";

const setting = <T>(key: string) => workspace.getConfiguration("glassbox").get<T>(key);

async function restart() {
  const starting = statusWhere(({ state }) => state === "starting");
  await commands.executeCommand("glassbox.restart");
  await starting;
  await statusWhere(({ state }) => state === "ready");
}

describe("the commands", () => {
  before(async () => {
    await statusWhere(({ state }) => state === "ready");
  });

  afterEach(async () => {
    for (const key of ["completions.enabled", "node.path"])
      await workspace.getConfiguration("glassbox").update(key, undefined, ConfigurationTarget.Global);
    while (window.tabGroups.activeTabGroup.tabs.length)
      await commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  /** Whether a completion is requested from the model in a new document. */
  async function isAsked(content: string): Promise<boolean> {
    const document = await workspace.openTextDocument({ language: "typescript", content });
    const end = document.positionAt(content.length);
    await window.showTextDocument(document);
    window.activeTextEditor!.selection = new Selection(end, end);
    await commands.executeCommand("editor.action.inlineSuggest.trigger"); // it resolves when the completion has come
    await commands.executeCommand("glassbox.showPrompt");
    const shown = window.activeTextEditor!.document;
    return shown.uri.scheme === "glassbox-prompt" && shown.getText().includes(content.trim());
  }

  it("Toggle Completions turns them off and on again", async () => {
    equal(await isAsked("const first = "), true);
    await commands.executeCommand("glassbox.toggleCompletions");
    equal(await isAsked("const second = "), false);
    await commands.executeCommand("glassbox.toggleCompletions");
    equal(await isAsked("const third = "), true);
  });

  it("Snooze shows in the status until it is ended", async () => {
    await commands.executeCommand("glassbox.snooze", 5);
    const { snoozedUntil } = await statusWhere(({ state }) => state === "snoozed");
    ok(snoozedUntil! > Date.now());
    await commands.executeCommand("glassbox.snooze", 0);
    await statusWhere(({ state }) => state === "ready");
  });

  it("Restart starts another server, which becomes ready", restart);

  it("Restart finds another Node if node.path is not one", async () => {
    const settings = workspace.getConfiguration("glassbox");
    await settings.update("node.path", "/nowhere/node", ConfigurationTarget.Global);
    await restart();
  });

  it("Select Model with the built-in model's path keeps it", async () => {
    await commands.executeCommand("glassbox.selectModel", "");
    equal(setting("model.path"), "");
    const { model, device } = await statusWhere(({ state }) => state === "ready");
    equal(model?.origin, "built-in");
    ok(device?.reason, "the device has a reason");
  });

  it("Show Prompt opens the prompt that was sent for the file", async () => {
    const file = Uri.joinPath(workspace.workspaceFolders![0]!.uri, "src/shop.ts");
    const editor = await window.showTextDocument(file);
    const end = new Position(editor.document.lineCount, 0);
    await editor.edit((edit) => edit.insert(end, "export function average("));
    const caret = editor.document.positionAt(editor.document.getText().length);
    editor.selection = new Selection(caret, caret);
    const before = JSON.stringify((await glassbox()).status.speed);
    const completed = statusWhere(({ speed }) => speed !== undefined && JSON.stringify(speed) !== before);
    await commands.executeCommand("glassbox.triggerCompletion");
    await completed;

    await commands.executeCommand("glassbox.showPrompt");
    const { document } = window.activeTextEditor!;
    equal(document.uri.scheme, "glassbox-prompt");
    match(document.getText(), /export function average/);
  });
});
