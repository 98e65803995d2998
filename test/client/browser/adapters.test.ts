// "Adapters…" imports an adapter, uses it, exports it, merges it into a model, and deletes it.
import { deepEqual, ok } from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { baseOf, builtInModel, openCheckpoint, readAdapter, writeGgufAdapter } from "../../../engine";
import {
  closeMenus,
  fillPath,
  notification,
  openVSCode,
  quickPick,
  runCommand,
  statusBarItem,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

let code: VSCode;
const file = (name: string) => join(code.folder, name);

before(async () => {
  code = await openVSCode();
  const base = await openCheckpoint(builtInModel("smollm2-135m-instruct-q4_1.gguf"));
  const matrix = (rows: number, columns: number) => ({
    shape: [rows, columns],
    values: new Float32Array(rows * columns).fill(0.01),
  });
  await writeGgufAdapter(file("given.gguf"), {
    ...{ kind: "lora", name: "shop-talk", base: baseOf(base), alpha: 4, rank: 2, experts: 1, metadata: {} },
    tensors: new Map([
      ["blk.0.attn_q.weight.lora_a", matrix(2, 576)],
      ["blk.0.attn_q.weight.lora_b", matrix(576, 2)],
    ]),
  });
  await base.close();
  await statusIcon(code.page, "sparkle");
  await runCommand(code.page, "Glassbox: Adapters…");
  await choose("Import…", "A GGUF File…");
  await fillPath(code.page, file("given.gguf"), "src");
  await quickPick(code.page, "shop-talk").waitFor();
  await closeMenus(code.page);
});
after(() => code.close());

async function choose(...labels: string[]) {
  for (const label of labels) await quickPick(code.page, label).first().click();
}

test("an imported adapter is used and named in the menu", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Adapters…");
  await choose("shop-talk", "Use It in This Workspace");
  await quickPick(page, "shop-talk").filter({ hasText: "in use" }).waitFor();
  await closeMenus(page);
  await statusBarItem(page).click();
  await quickPick(page, "Adapters…").filter({ hasText: "shop-talk" }).waitFor();
  await closeMenus(page);
});

test("an exported adapter equals the imported one", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Adapters…");
  await choose("shop-talk", "Export as GGUF…");
  await fillPath(page, file("out.gguf"), "src");
  await notification(page, `shop-talk was written to ${file("out.gguf")}.`).waitFor();
  await closeMenus(page);
  const [given, exported] = await Promise.all([readAdapter(file("given.gguf")), readAdapter(file("out.gguf"))]);
  deepEqual(exported.tensors, given.tensors);
});

test("an adapter is merged into a new model, which can be used at once", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Adapters…");
  await choose("shop-talk", "Merge into a New Model…");
  await fillPath(page, file("merged.gguf"), "src");
  const merged = notification(page, "The merged model was written to");
  await merged.waitFor();
  ok((await stat(file("merged.gguf"))).size > 50e6);
  await closeMenus(page);
  await merged.getByRole("button", { name: "Use This Model" }).click();
  await statusLabel(page, "merged on CPU").waitFor();
});

test("an adapter is deleted after a confirmation", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Adapters…");
  await choose("shop-talk", "Delete…");
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.getByText("It is deleted for all workspaces.").waitFor();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await quickPick(page, "Import…").waitFor();
  await quickPick(page, "shop-talk").waitFor({ state: "detached" });
  await closeMenus(page);
});
