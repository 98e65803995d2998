import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorkspaceIndex } from "../../../../server/workspace/index/workspaceIndex";

test("an index whose thread has ended finds nothing, and nobody waits for it", async () => {
  const log: string[] = [];
  const index = startWorkspaceIndex({ log: (line) => log.push(line), onStatus: () => {} });
  index.configure({ trusted: true, folders: [] });
  index.open({ uri: "file:///a.ts", languageId: "typescript", text: "export function add() {}\n" });
  await index.settled();
  assert.equal((await index.declarations(["add"], "")).length, 1);
  const asked = index.search({ before: "add", uri: "file:///b.ts", languageId: "typescript" }, 4);
  await index.close();
  await asked;
  assert.deepEqual(await index.search({ before: "add", uri: "file:///b.ts", languageId: "typescript" }, 4), []);
  assert.deepEqual(await index.declarations(["add"], ""), []);
  assert.equal(await index.passage("file:///a.ts", { firstLine: 0, lastLine: 0 }), undefined);
  assert.deepEqual(log, []);
});
