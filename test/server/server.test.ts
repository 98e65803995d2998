// The real server as a process, with the built-in model, driven as by an editor.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { CancellationTokenSource } from "vscode-languageserver-protocol/node";
import { builtInModel } from "../../engine";
import * as protocol from "../../protocol";
import { defaults } from "../../server/settings";
import { type Client, startClient } from "./client";

const tiny = "test/engine/models/fixtures/llama.gguf";
const builtIn = { ...defaults.model };
let client: Client;
let folder: string;

const ready = ({ state }: protocol.Status) => state === "ready";
let documents = 0;
/** Opens a document of its own for each test. */
async function open(text: string, languageId = "typescript") {
  const uri = `file:///project/${++documents}.ts`;
  opened.push(uri);
  await client.open(uri, text, languageId);
  return uri;
}
const opened: string[] = [];
const showPrompt = (uri: string) => client.request(protocol.showPrompt, { textDocument: { uri } });

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-"));
  client = await startClient({ settings: { device: "cpu" }, storage: folder, folders: ["file:///project"] });
});
afterEach(async () => {
  for (const uri of opened.splice(0)) await client.close(uri); // open documents stand in the prompts of others
});
after(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

test("server: the status names the model, the device and the reason for it", async () => {
  const { model, device } = await client.until(ready);
  assert.equal(model?.origin, "built-in");
  assert.equal(model?.path, "");
  assert.equal(device?.kind, "cpu");
  assert.ok(device?.name && device.reason);
  assert.ok(client.statuses.some(({ state, progress }) => state === "loading" && progress! > 0 && progress! < 1));
});

test("server: it completes the rest of a line, with a command for when it is accepted", async () => {
  const uri = await open("const sum = 1 + 2;\nfunction add(a: number, b: number) {\n  return |\n}\n");
  const [item, ...others] = await client.complete(uri);
  assert.equal(item.insertText, "a + b;");
  assert.deepEqual(item.range, { start: { line: 2, character: 9 }, end: { line: 2, character: 9 } });
  assert.equal(item.command?.command, protocol.acceptedCommand);
  assert.deepEqual(others, []);
  const [accepted] = item.command!.arguments as [protocol.AcceptedParams];
  assert.equal(accepted.kind, "line");
  await client.notify(protocol.accepted, accepted);
});

test("server: it completes a block", async () => {
  const uri = await open("function add(a: number, b: number) {|\n}\n");
  assert.equal((await client.complete(uri))[0].insertText, "\n  return a + b;");
});

test("server: how sure the model must be of a suggestion is a setting, and does not matter where one asks by hand", async () => {
  const places = {
    sure: "function add(a: number, b: number) {\n  return |\n}\n",
    likely: "function square(x: number) {\n  return |\n}\n",
    guessed: "import { readFile } from |\n",
  };
  const shown = async (invoked = false) => {
    const where: string[] = [];
    for (const [place, text] of Object.entries(places))
      if ((await client.complete(await open(text), { invoked })).length) where.push(place);
    return where;
  };
  const configure = (show: "sure" | "balanced" | "all") =>
    client.configure({ completions: { ...defaults.completions, show } });
  configure("sure");
  assert.deepEqual(await shown(), ["sure"]);
  assert.deepEqual(await shown(true), ["sure", "likely", "guessed"]);
  configure("balanced");
  assert.deepEqual(await shown(), ["sure", "likely"]);
  configure("all");
  assert.deepEqual(await shown(), ["sure", "likely", "guessed"]);
  client.configure({ completions: defaults.completions });
});

test("server: where nothing was shown one asks by hand and gets it whole; it stays while one types it", async () => {
  const uri = await open("import { readFile } from |\n");
  assert.deepEqual(await client.complete(uri), []);
  const [{ insertText }] = await client.complete(uri, { invoked: true });
  assert.match(String(insertText), /^(["'])[^"']+\1/);
  await client.type(uri, String(insertText).slice(0, 3));
  assert.equal((await client.complete(uri))[0].insertText, String(insertText).slice(3));
});

test("server: a completion in a comment is a few whole words", async () => {
  const uri = await open("// This function reads a file and returns|\nexport function read() {}\n");
  const [{ insertText }] = await client.complete(uri, { invoked: true });
  assert.match(String(insertText), /^( [\w']+[,.]?){1,16}$/);
});

test("server: a completion replaces the bracket that the editor closed", async () => {
  const uri = await open("function push(item: number) {\n  items.push(|)\n}\n");
  const [{ insertText, range }] = await client.complete(uri);
  assert.equal(insertText, "item);");
  assert.deepEqual(range, { start: { line: 1, character: 13 }, end: { line: 1, character: 14 } });
});

test("server: a completion continues the selected item of the suggestion list", async () => {
  const uri = await open("const items = [1, 2, 3];\nfor (const item of it|");
  const [item] = await client.complete(uri, { selected: { text: "items", replaces: 2 } });
  assert.match(String(item.insertText), /^items\) /);
  assert.deepEqual(item.range, { start: { line: 1, character: 19 }, end: { line: 1, character: 21 } });
});

test("server: CRLF line ends are LF in the prompt", async () => {
  const uri = await open("function add(a: number, b: number) {\r\n  return |\r\n}\r\n");
  assert.equal((await client.complete(uri))[0].insertText, "a + b;");
  assert.ok(!JSON.stringify((await showPrompt(uri))!.pieces).includes("\\r"));
});

test("server: the prompt of a notebook's cell holds the cells above it", async () => {
  const [, cell] = await client.openNotebook("file:///project/a.ipynb", [
    "import numpy as np\nlimit = 10",
    "for i in range(|)",
  ]);
  const [item] = await client.complete(cell, { invoked: true });
  assert.match(String(item.insertText), /\):$/);
  const { pieces } = (await showPrompt(cell))!;
  assert.equal(pieces.map(({ text }) => text).join(""), "# a.ipynb\nimport numpy as np\nlimit = 10\n\nfor i in range");
});

test("server: typing the start of a completion keeps the rest of it, without a call of the model", async () => {
  const uri = await open("function area(width: number, height: number) {\n  return |\n}\n");
  const [first] = await client.complete(uri);
  const before = await showPrompt(uri);
  await client.type(uri, String(first.insertText).slice(0, 2));
  const [rest] = await client.complete(uri);
  assert.equal(rest.insertText, String(first.insertText).slice(2));
  assert.deepEqual(await showPrompt(uri), before);
  assert.deepEqual(rest.command?.arguments, first.command?.arguments);
});

test("server: only the new tokens of a prompt are read", async () => {
  const uri = await open("const first = 1;\nconst second = 2;\nconst third =|");
  await client.complete(uri);
  await client.type(uri, " 3;\nconst fourth =");
  await client.complete(uri);
  const { tokens, reused, pieces, completion } = (await showPrompt(uri))!;
  assert.ok(reused > tokens - 12, `${reused} of ${tokens}`);
  assert.deepEqual(
    pieces.map(({ kind }) => kind),
    ["path", "prefix"],
  );
  assert.equal(
    pieces.reduce((sum, piece) => sum + piece.tokens, 0),
    tokens,
  );
  assert.ok((pieces[1].text + completion).startsWith(client.text(uri)));
});

test("server: it fills in the middle of a line, unless its adapter is off", async () => {
  const text = "function print(items) {\n  for (let i = 0; |i++) {\n    console.log(items[i]);\n  }\n}\n";
  const [item] = await client.complete(await open(text, "javascript"));
  assert.equal(item.insertText, "i < items.length; ");
  const loaded = async (fillInMiddle: boolean) => {
    client.configure({ model: { ...builtIn, fillInMiddle } });
    await client.until(({ progress }) => progress !== undefined);
    await client.until(ready);
  };
  await loaded(false);
  assert.deepEqual(await client.complete(await open(text, "javascript")), []);
  await loaded(true);
});

test("server: a completion for a text that has changed meanwhile is dropped", async () => {
  const uri = await open("function mul(a: number, b: number) {\n  return |\n}\n");
  const requested = client.complete(uri);
  await client.type(uri, "4");
  assert.deepEqual(await requested, []);
  const { pieces, completion } = (await showPrompt(uri))!; // the model has answered for the text before the change
  assert.match(pieces.at(-1)!.text + completion, /return a \* b;/);
});

test("server: a cancelled completion is abandoned, and the next one is computed", async () => {
  const uri = await open(`${"const a = [1, 2, 3];\n".repeat(100)}class Queue {|\n}\n`);
  const source = new CancellationTokenSource();
  const requested = client.complete(uri, { token: source.token });
  await client.until(({ state }) => state === "busy");
  source.cancel();
  assert.deepEqual(await requested, []);
  await client.until(ready);
  assert.equal(await showPrompt(uri), null); // a completion that was not abandoned has a prompt
  const other = await open("function add(a: number, b: number) {\n  return |\n}\n");
  assert.equal((await client.complete(other))[0].insertText, "a + b;");
});

test("server: of many requests the newest is answered", async () => {
  const uri = await open("function add(a: number, b: number) {\n  |\n}\n");
  const requests = [];
  for (const letter of "return ") {
    await client.type(uri, letter);
    requests.push(client.complete(uri));
  }
  const answers = await Promise.all(requests);
  assert.equal(answers.at(-1)![0].insertText, "a + b;");
  assert.ok(answers.slice(0, -1).every((items) => items.length === 0));
});

test("server: the model has one name, in the status, the prompt and the log", async () => {
  const { model } = await client.until(ready);
  const uri = await open("const name = |");
  await client.complete(uri);
  assert.equal((await showPrompt(uri))?.model, model?.name);
  assert.ok(client.log.some((line) => line.startsWith(`Loaded ${model?.name} from `)));
});

test("server: an untitled buffer is completed by its language, under its name", async () => {
  const uri = "untitled:Untitled-1";
  await client.open(uri, "function add(a: number, b: number) {\n  return |\n}\n");
  assert.equal((await client.complete(uri))[0].insertText, "a + b;");
  assert.equal((await showPrompt(uri))!.pieces[0].text, "// Untitled-1\n");
});

test("server: the commit message box gets no automatic completions", async () => {
  const uri = "vscode-scm:git/scm0/input";
  await client.open(uri, "Add the sum of two |", "scminput");
  assert.deepEqual(await client.complete(uri), []);
  assert.equal(await showPrompt(uri), null); // the model was not called
});

test("server: an empty file gets no completion, even if invoked, and nothing is sent to the model", async () => {
  for (const text of ["|", "\n|\n", "  |"]) {
    const uri = await open(text);
    assert.deepEqual(await client.complete(uri, { invoked: true }), []);
    assert.equal(await showPrompt(uri), null);
  }
});

test("server: after all of a completion but white space was typed, a new one is computed, and a repetition is not shown", async () => {
  const uri = await open("function add(a: number, b: number) {|\n}\n");
  const [{ insertText }] = await client.complete(uri);
  await client.type(uri, `${String(insertText)}|`);
  assert.deepEqual(await client.complete(uri), []);
  const { pieces, completion } = (await showPrompt(uri))!;
  assert.equal(pieces.at(-1)!.text + completion, client.text(uri).slice(0, -"\n}\n".length));
});

test("server: languages that are off get completions only when invoked", async () => {
  const uri = await open("The quick brown fox jumps over the|", "markdown");
  assert.deepEqual(await client.complete(uri), []);
  assert.equal(await showPrompt(uri), null);
  assert.equal((await client.complete(uri, { invoked: true })).length, 1);
});

test("server: an invoked completion goes on after a finished line", async () => {
  const uri = await open("const a = 1;\nconst b = 2;\nconst c = 3;|\n");
  assert.deepEqual(await client.complete(uri), []);
  assert.equal((await showPrompt(uri))!.completion, ";"); // the completion stops at the end of the line
  const [item] = await client.complete(uri, { invoked: true });
  assert.match(String(item.insertText), /^\n\s*\S/);
});

test("server: during a snooze completions come only when invoked", async () => {
  const uri = await open("function div(a: number, b: number) {\n  return |\n}\n");
  await client.notify(protocol.snooze, { minutes: 5 });
  const { snoozedUntil } = await client.until(({ state }) => state === "snoozed");
  assert.ok(snoozedUntil! > Date.now());
  assert.deepEqual(await client.complete(uri), []);
  assert.equal(await showPrompt(uri), null);
  assert.equal((await client.complete(uri, { invoked: true })).length, 1);
  await client.notify(protocol.snooze, { minutes: 0 });
  await client.until(ready);
  assert.equal((await client.complete(uri)).length, 1);
});

test("server: changed settings apply to the next completion", async () => {
  const uri = await open("function f() {|\n}\n");
  client.configure({ completions: { ...defaults.completions, multiline: "never" } });
  assert.deepEqual(await client.complete(uri), []);
  const prompt = (await showPrompt(uri))!;
  assert.equal(prompt.completion, " {"); // the brace of the document, and no further line
  client.configure({ completions: { ...defaults.completions, enabled: false } });
  assert.deepEqual(await client.complete(uri, { invoked: true }), []);
  assert.deepEqual(await showPrompt(uri), prompt); // the model was not called again
  client.configure({ completions: defaults.completions });
  const [{ insertText }] = await client.complete(uri, { invoked: true });
  assert.equal(insertText.toString().slice(0, 1), "\n");
});

test("server: after settings were changed again and again, one trigger is one call of the model", async () => {
  const uri = await open("function neg(a: number) {\n  return |\n}\n");
  for (let i = 0; i < 20; i++) client.configure({ completions: { ...defaults.completions, enabled: i % 2 === 1 } });
  const first = client.statuses.length;
  assert.equal((await client.complete(uri, { invoked: true })).length, 1);
  const states = client.statuses.slice(first).map(({ state }) => state);
  assert.equal(states.filter((state, i) => state === "busy" && states[i - 1] !== "busy").length, 1, states.join());
  assert.deepEqual(client.registered, ["workspace/didChangeWatchedFiles"]); // the capability of the initialization is the only provider
});

test("server: without a prompt for a document, showPrompt returns null", async () => {
  assert.equal(await showPrompt(await open("const a = 1;|")), null);
});

test("server: a file that is not a model is refused with a sentence, and the current model stays", async () => {
  const broken = join(folder, "broken.gguf");
  await copyFile(builtInModel("smollm2-135m-instruct-q4_1.gguf"), broken);
  await truncate(broken, 10_000);
  const result = await client.request(protocol.selectModel, { path: broken });
  assert.ok("problem" in result);
  assert.match(result.problem.message, /broken\.gguf/);
  const { model, problem } = await client.until(ready);
  assert.equal(model?.origin, "built-in");
  assert.equal(problem, undefined);
  const uri = await open("function add(a: number, b: number) {\n  return |\n}\n");
  assert.equal((await client.complete(uri))[0].insertText, "a + b;");
});

test("server: another model can be selected, and the built-in one again", async () => {
  const result = await client.request(protocol.selectModel, { path: tiny });
  assert.ok("model" in result);
  assert.equal(result.model.origin, "disk");
  client.configure({ model: { ...builtIn, path: tiny } }); // the client does the same
  assert.equal((await client.until(ready)).model?.name, "llama");
  client.configure({ model: builtIn });
  assert.equal((await client.until(({ state, model }) => state === "ready" && model?.path === "")).model?.path, "");
});

test("server: it lists the models on this machine", async () => {
  const models = await client.request(protocol.models, {});
  assert.deepEqual(
    models.map(({ path, origin }) => [path, origin]),
    [["", "built-in"]],
  );
});

test("server: the status reports a model that cannot be loaded, and another can be selected", async () => {
  client.configure({ model: { ...builtIn, path: join(folder, "missing.gguf") } });
  const { problem, model } = await client.until(({ problem }) => problem !== undefined);
  assert.match(problem!.message, /missing\.gguf/);
  assert.equal(problem!.action, "selectModel");
  assert.equal(model?.origin, "built-in");
  client.configure({ model: builtIn });
  await client.until(({ state, problem }) => state === "ready" && !problem);
});
