import assert from "node:assert/strict";
import { test } from "node:test";
import { createEdits } from "../../../../server/completion/pieces/edits";

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`);

test("edits: what is typed in one place is one edit, the newest place comes first", () => {
  const edits = createEdits();
  const text = lines(60);
  edits.changed("a", text.join(""));
  for (const typed of ["x", "xy", "xy\nz"]) {
    text[10] = `${typed}\n`;
    edits.changed("a", text.join(""));
  }
  text[40] = "far\n";
  edits.changed("a", text.join(""));
  assert.deepEqual(edits.recent, [
    { uri: "a", firstLine: 41, lastLine: 41 },
    { uri: "a", firstLine: 10, lastLine: 11 },
  ]);
});

test("edits: one moves with the lines that are inserted or deleted above it", () => {
  const edits = createEdits();
  const text = lines(60);
  edits.changed("a", text.join(""));
  text[40] = "changed\n";
  edits.changed("a", text.join(""));
  edits.changed("a", `new\nnew\n${text.join("")}`);
  assert.deepEqual(edits.recent.at(-1), { uri: "a", firstLine: 42, lastLine: 42 });
});

test("edits: what a tool changes, and a document that was only opened, is none", () => {
  const edits = createEdits();
  edits.changed("a", lines(60).join(""));
  edits.changed("a", lines(60).join("").replaceAll("line", "row"));
  edits.changed("b", "text");
  edits.changed("b", "text");
  assert.deepEqual(edits.recent, []);
});

test("edits: the last twelve places are known", () => {
  const edits = createEdits();
  for (let i = 0; i < 20; i++) {
    edits.changed(`${i}`, "a");
    edits.changed(`${i}`, "b");
  }
  assert.equal(edits.recent.length, 12);
  assert.equal(edits.recent[0].uri, "19");
});
