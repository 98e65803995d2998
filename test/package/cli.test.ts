// The installed package's command line, run by the oldest supported Node.
import { equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { installed } from "./installed";
import { oldNode } from "./oldNode";

const glassbox = (...args: string[]) => promisify(execFile)(oldNode, [join(installed, "dist/cli.js"), ...args]);

test("glassbox completes with the built-in model", async () => {
  const running = glassbox("complete", "--device", "cpu", "--max-tokens", "4");
  running.child.stdin!.end("for (let i = 0; i < 10; i");
  const { stdout, stderr } = await running;
  ok(stdout.trim(), "a completion");
  equal(stderr, "");
});
