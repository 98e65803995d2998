import assert from "node:assert/strict";
import { test } from "node:test";
import { pathHeader } from "../../../engine";

test("a file's header is its path in a comment, where its language has comments", () => {
  assert.equal(pathHeader("src/a.py"), "# src/a.py\n");
  assert.equal(pathHeader("src/Dockerfile"), "# src/Dockerfile\n");
  assert.equal(pathHeader("a.json"), "");
  assert.equal(pathHeader("LICENSE"), "");
});

test("a language that is given takes precedence over the file's name", () => {
  assert.equal(pathHeader("query.txt", "sql"), "-- query.txt\n");
  assert.equal(pathHeader("a.py", "plaintext"), "");
});

test("a header names a language that the path alone does not tell a small model", () => {
  assert.equal(pathHeader("src/main.rs"), "// src/main.rs (Rust)\n");
  assert.equal(pathHeader("Shop.cs"), "// Shop.cs (C#)\n");
});
