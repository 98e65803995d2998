// The index behind the real server: what is typed, saved, renamed, deleted and switched by git stands in prompts, or no longer.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { showPrompt } from "../../../../protocol";
import { type Client, startClient } from "../../client";
import { makeFolder, type TestFolder } from "./folder";

const shape = (name: string, factor: string) =>
  `export function areaOf${name}(width: number) {\n  const ${name.toLowerCase()}Area = width * ${factor};\n  return ${name.toLowerCase()}Area;\n}\n`;

let folder: TestFolder;
let client: Client;
before(async () => {
  folder = await makeFolder({
    "src/circle.ts": shape("Circle", "circleFactor"),
    "src/square.ts": shape("Square", "squareFactor"),
    ".gitignore": "secret.ts\n",
    "secret.ts": shape("Secret", "secretFactor"),
  });
  const storage = await makeFolder();
  client = await startClient({ folders: [folder.uri], settings: { device: "cpu" }, workspaceStorage: storage.root });
  await client.until(({ workspace, state }) => workspace?.building === false && state === "ready");
});
after(async () => {
  await client.stop();
  await folder[Symbol.asyncDispose]();
});

let probes = 0;
/** The text of the workspace in the prompt of a completion in a new document. */
async function contextFor(name: string): Promise<string> {
  const uri = folder.uriOf(`probe${++probes}.ts`);
  await client.open(uri, `const ${name.toLowerCase()}Area = areaOf${name}(width);\nconst more = areaOf${name}(|`);
  await client.complete(uri, { invoked: true });
  const prompt = await client.request(showPrompt, { textDocument: { uri } });
  await client.close(uri);
  return prompt!.pieces.flatMap(({ kind, text }) => (kind === "context" ? text : [])).join("\n");
}

/** The index hears of edits a quarter of a second later. */
async function until(name: string, so: (context: string) => boolean): Promise<void> {
  while (!so(await contextFor(name)));
}

const holds = (text: string) => (context: string) => context.includes(text);
const lacks = (text: string) => (context: string) => !context.includes(text);

test("files are read, ignored ones are not, and the status says so", async () => {
  await until("Circle", holds("circleFactor"));
  assert.ok(lacks("secretFactor")(await contextFor("Secret")));
  assert.ok(client.registered.includes("workspace/didChangeWatchedFiles"));
  const { workspace } = client.statuses.at(-1)!;
  assert.equal(workspace!.files, 3);
  assert.deepEqual(workspace!.leftOut, [{ count: 1, reason: "A .gitignore file leaves it out." }]);
});

test("what is typed counts before it is saved", async () => {
  const uri = folder.uriOf("src/square.ts");
  await client.open(uri, `${shape("Square", "unsavedFactor")}|`);
  await until("Square", holds("unsavedFactor"));
  await client.type(uri, shape("Typed", "typedFactor"));
  await until("Typed", holds("typedFactor"));
  await client.close(uri);
  await until("Square", holds("squareFactor"));
  assert.ok(lacks("unsavedFactor")(await contextFor("Square")));
});

test("a file that is saved elsewhere, renamed and deleted", async () => {
  await folder.write("src/new.ts", shape("Triangle", "triangleFactor"));
  await client.changed([folder.uriOf("src/new.ts")]);
  await until("Triangle", holds("triangleFactor"));
  await folder.move("src/new.ts", "src/renamed.ts");
  await client.changed([folder.uriOf("src/new.ts"), folder.uriOf("src/renamed.ts")]);
  await until("Triangle", (context) => context.includes("triangleFactor") && !context.includes("new.ts"));
  await folder.remove("src/renamed.ts");
  await client.changed([folder.uriOf("src/renamed.ts")]);
  await until("Triangle", lacks("triangleFactor"));
});

test("another branch, and back", async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...args], { cwd: folder.root, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=main");
  git("switch", "--quiet", "--create=other");
  await folder.write("src/circle.ts", shape("Circle", "branchFactor"));
  await folder.write("src/extra/hexagon.ts", shape("Hexagon", "hexagonFactor"));
  git("add", ".");
  git("commit", "--quiet", "--message=other");
  const toOther = git("diff", "--name-only", "main", "other").trim().split("\n");
  git("switch", "--quiet", "main");
  await client.changed(toOther.map(folder.uriOf));
  await until("Circle", holds("circleFactor"));
  git("switch", "--quiet", "other");
  await client.changed([...toOther, "src/extra", ".git/HEAD"].map(folder.uriOf));
  await until("Circle", holds("branchFactor"));
  await until("Hexagon", holds("hexagonFactor"));
  git("switch", "--quiet", "main");
  await client.changed([...toOther, "src/extra", ".git/HEAD"].map(folder.uriOf));
  await until("Circle", holds("circleFactor"));
  await until("Hexagon", lacks("hexagonFactor"));
});
