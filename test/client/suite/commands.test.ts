// The commands, as another extension or a key would run them.
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

  it("Toggle Completions turns them off and on again", async () => {
    await commands.executeCommand("glassbox.toggleCompletions");
    equal(setting("completions.enabled"), false);
    await commands.executeCommand("glassbox.toggleCompletions");
    equal(setting("completions.enabled"), true);
    await workspace.getConfiguration("glassbox").update("completions.enabled", undefined, ConfigurationTarget.Global);
  });

  it("Snooze is shown until it is ended", async () => {
    await commands.executeCommand("glassbox.snooze", 5);
    const { snoozedUntil } = await statusWhere(({ state }) => state === "snoozed");
    ok(snoozedUntil! > Date.now());
    await commands.executeCommand("glassbox.snooze", 0);
    await statusWhere(({ state }) => state === "ready");
  });

  it("Restart starts another server, which gets ready", restart);

  it("Restart with a node.path that is no Node finds another", async () => {
    const settings = workspace.getConfiguration("glassbox");
    await settings.update("node.path", "/nowhere/node", ConfigurationTarget.Global);
    await restart();
    await settings.update("node.path", undefined, ConfigurationTarget.Global);
  });

  it("Select Model with the built-in model's path keeps it", async () => {
    await commands.executeCommand("glassbox.selectModel", "");
    equal(setting("model.path"), "");
    const { model, device } = await statusWhere(({ state }) => state === "ready");
    equal(model?.origin, "built-in");
    ok(device?.reason, "the device has a reason");
  });

  it("Show Prompt opens, read-only, what was sent for the file", async () => {
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
    await commands.executeCommand("workbench.action.closeActiveEditor");
    await commands.executeCommand("workbench.action.files.revert");
  });
});
