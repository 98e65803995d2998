import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { changesIn, parseLog } from "../../../server/lesson/changes";
import { secret } from "./project";

const diff = (path: string, from: string, to: string) =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
const log = (...commits: [subject: string, ...diffs: string[]][]) =>
  commits.map(([subject, ...diffs]) => `\0${subject}\n\n${diffs.join("")}`).join("\n");
const all = () => true;

test("changes: each commit is its subject and the diffs of files that are learned from", () => {
  const text = log(
    ["Count from two", diff("a.ts", "let a = 1;", "let a = 2;"), diff("b.ts", "let b = 1;", "let b = 2;")],
    ["Only another", diff("b.ts", "", "let b = 1;")],
    ["Begin", diff("src/a b.ts", "", "let a = 1;")],
  );
  assert.deepEqual(
    parseLog(text, (path) => path !== "b.ts"),
    [
      {
        subject: "Count from two",
        text: "Count from two\n\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-let a = 1;\n+let a = 2;\n",
      },
      { subject: "Begin", text: "Begin\n\n--- a/src/a b.ts\n+++ b/src/a b.ts\n@@ -1 +1 @@\n-\n+let a = 1;\n" },
    ],
  );
});

test("changes: diffs with secrets, large ones, binary ones and deletions are left out", () => {
  const picture = "diff --git a/a.png b/a.png\nindex 1..2 100644\nBinary files a/a.png and b/a.png differ\n";
  const text = log(
    ["A secret", diff("a.ts", "", `export const token = "${secret}";`)],
    ["A large one", diff("a.ts", "", "let a; ".repeat(4000))],
    ["A picture", picture],
    ["A file less", diff("a.ts", "let a;", "").replace("+++ b/a.ts", "+++ /dev/null")],
  );
  assert.deepEqual(parseLog(text, all), []);
});

test("changes: there are none without a repository, or for a virtual folder", async () => {
  assert.deepEqual(await changesIn(pathToFileURL(tmpdir()).href, all), []);
  assert.deepEqual(await changesIn("vscode-vfs://github/a/b", all), []);
});
