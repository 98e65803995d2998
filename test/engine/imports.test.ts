// Which file of the engine may import which: a file may import from its layer and those below, and there are no cycles.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("engine", import.meta.url.slice(0, import.meta.url.lastIndexOf("dist/"))));

/** From the bottom up. Ops and graph are one layer: a call names its op, and an op's gradient is made of calls. */
const layers = [
  ["graph", "ops", "assets.ts", "nextTurn.ts", "wgsl.d.ts"],
  ["load"],
  ["device"],
  ["nn"],
  ["models"],
  ["text"],
  ["generate"],
  ["engine.ts", "describe.ts", "modelInfo.ts"],
  ["train"],
  ["index.ts"],
];

const layerOf = (file: string) => layers.findIndex((names) => names.includes(file.split("/")[0]));

/** Of each file, by its path in engine/, the files that it imports. CPU kernels are another language's. */
const imports = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".simd.ts"))
    .map((file) => [file, importsOf(file)]),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\bfrom "(\.[^"]*)"/g)]
    .map(([, path]) => join(root, dirname(file), path))
    .map((path) => [`${path}.ts`, join(path, "index.ts")].find((path) => existsSync(path)))
    .filter((path) => path !== undefined)
    .map((path) => relative(root, path).replaceAll("\\", "/"));
}

/** Whether `file`, an op's, takes from `other` its op alone, and calls that in its gradient alone. */
function isForGradient(file: string, other: string): boolean {
  const op = basename(other, ".ts");
  if (!/^ops\/\w+\.ts$/.test(file) || dirname(other) !== "ops") return false;
  const text = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  const rest = text
    .replace(`import { ${op} } from "./${op}";`, "")
    .replace(/^ {2}gradient\b[\s\S]*?(?=^ {2}\w|^\})/m, "");
  return !new RegExp(`\\b${op}\\b`).test(rest);
}

const areGradients = (file: string, other: string) =>
  imports.get(other)!.includes(file) && isForGradient(file, other) && isForGradient(other, file);

/** A way from `file` along imports back to it, without the imports of two ops that are each other's gradients. */
function circleOf(file: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [file];
  for (let at = open.pop(); at; at = open.pop())
    for (const next of imports.get(at)!) {
      if (cameFrom.has(next) || areGradients(at, next)) continue;
      cameFrom.set(next, at);
      open.push(next);
    }
  if (!cameFrom.has(file)) return undefined;
  const way = [file];
  do way.unshift(cameFrom.get(way[0])!);
  while (way[0] !== file);
  return way;
}

test("no file of the engine imports one of a layer above", () => {
  const upward = [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => layerOf(other) > layerOf(file)).map((other) => `${file} imports ${other}`),
  );
  assert.deepEqual(upward, []);
  assert.deepEqual(
    [...imports.keys()].filter((file) => layerOf(file) < 0),
    [],
    "every file belongs to a layer",
  );
});

test("no file of the engine is imported by what it imports, but ops that are each other's gradients", () => {
  const tensorsAndOps = ["graph/tensor.ts", "ops/op.ts"]; // types that name each other; nothing of it remains at run time
  const circles = [...imports.keys()].map(circleOf).filter((way) => way !== undefined);
  const others = circles.filter((way) => !way.every((file) => tensorsAndOps.includes(file)));
  assert.deepEqual(
    others.map((way) => way.join(" → ")),
    [],
  );
});

test("engine/index.ts holds nothing but re-exports", () => {
  const statements = readFileSync(join(root, "index.ts"), "utf8")
    .replace(/^\/\/.*$/gm, "")
    .split(";");
  const others = statements
    .map((text) => text.trim())
    .filter((text) => text && !/^export (type )?\{[^{}]*\} from "[^"]*"$/.test(text));
  assert.deepEqual(others, []);
});
