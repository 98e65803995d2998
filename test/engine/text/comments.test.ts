import assert from "node:assert/strict";
import { test } from "node:test";
import { pathHeader } from "../../../engine";

test("a file is read below its path, where its language has comments to write it in", () => {
  assert.equal(pathHeader("src/a.py"), "# src/a.py\n");
  assert.equal(pathHeader("src/Dockerfile"), "# src/Dockerfile\n");
  assert.equal(pathHeader("a.json"), "");
  assert.equal(pathHeader("LICENSE"), "");
});

test("a language that is known goes before what the name tells of it", () => {
  assert.equal(pathHeader("query.txt", "sql"), "-- query.txt\n");
  assert.equal(pathHeader("a.py", "plaintext"), "");
});
