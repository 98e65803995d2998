// The manifest agrees with what the extension registers.
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commands, Uri, workspace } from "vscode";
import { extension, glassbox } from "./glassbox";

describe("the manifest", () => {
  const { contributes, icon } = extension().packageJSON;
  const settings: [string, Record<string, unknown>][] = Object.entries(contributes.configuration.properties);

  it("names commands that exist, all in one category", async () => {
    await glassbox();
    const registered = await commands.getCommands();
    for (const { command, category } of contributes.commands) {
      ok(registered.includes(command), `${command} is not registered`);
      equal(category, "Glassbox");
    }
  });

  it("gives each setting an area, a default and a description, and has at most fourteen", () => {
    ok(settings.length <= 14, `${settings.length} settings`);
    for (const [name, setting] of settings) {
      ok(/^glassbox(\.[a-z][A-Za-z]*){1,2}$/.test(name), name);
      ok("default" in setting, `${name} has no default`);
      ok(setting.description || setting.markdownDescription, `${name} has no description`);
    }
  });

  it("has a walkthrough of three steps, each with a picture and an action that exists", async () => {
    const registered = await commands.getCommands();
    const [{ steps }] = contributes.walkthroughs;
    equal(steps.length, 3);
    for (const { description, media } of steps) {
      const action = /\(command:([\w.]+)\)/.exec(description)?.[1];
      ok(action && registered.includes(action), `the action of "${description}"`);
      ok(existsSync(join(extension().extensionPath, media.svg)), media.svg);
    }
  });

  it("has an icon", () => ok(existsSync(join(extension().extensionPath, icon))));

  it("binds one key, which VS Code leaves free", async () => {
    const taken = Uri.parse("vscode://defaultsettings/keybindings.json");
    const text = (await workspace.openTextDocument(taken)).getText();
    const defaults: { key: string; command: string }[] = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ""));
    ok(defaults.length > 500, `only ${defaults.length} keys`);
    const [{ key, command }, ...others] = contributes.keybindings;
    deepEqual(others, []);
    deepEqual(
      defaults.filter((one) => one.key === key).map((one) => one.command),
      [command],
    );
  });
});
