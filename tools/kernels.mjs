// Compiles the CPU kernels, engine/**/*.simd.ts (AssemblyScript), into dist/kernels.wasm, and without relaxed SIMD into
// dist/kernels-plain.wasm. A kernel is an exported function `name(call: usize, from: i32, to: i32): void`; its opcode is
// exported as the global `opcode_name`. Those of elementwise ops are written here, by their formulas.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["engine/ops", "engine/device/wasm"];
const entry = "engine/device/wasm/kernels.ts";

export async function buildKernels() {
  const sources = await readSources();
  const key = createHash("sha256")
    .update(await readFile(`${root}node_modules/assemblyscript/package.json`))
    .update(await readFile(fileURLToPath(import.meta.url)))
    .update(JSON.stringify([...sources]))
    .digest("hex")
    .slice(0, 16);
  const cache = `${root}.cache/kernels`;
  await mkdir(cache, { recursive: true });
  await mkdir(`${root}dist`, { recursive: true });
  for (const [name, relaxed] of [
    ["kernels", true],
    ["kernels-plain", false],
  ]) {
    const cached = `${cache}/${name}-${key}.wasm`;
    const binary = await readFile(cached).catch(() => undefined);
    if (!binary) {
      await writeFile(`${cached}.part`, await compile(sources, relaxed));
      await rename(`${cached}.part`, cached);
    }
    await copyFile(cached, `${root}dist/${name}.wasm`);
  }
}

async function readSources() {
  const sources = new Map();
  for (const folder of folders)
    for (const name of (await readdir(`${root}${folder}`, { recursive: true })).sort())
      if (name.endsWith(".simd.ts"))
        sources.set(`${folder}/${name}`, await readFile(`${root}${folder}/${name}`, "utf8"));
  return sources.set("engine/ops/elementwise.simd.ts", await elementwiseSource());
}

/** The kernels of the ops that engine/ops/elementwise.ts declares. Items: values. */
async function elementwiseSource() {
  const contents = 'export * from "./elementwise"; export { toSimd } from "./formula";';
  const stdin = { contents, resolveDir: `${root}engine/ops`, loader: "ts" };
  const options = { bundle: true, write: false, format: "esm", loader: { ".wgsl": "text" } };
  const { outputFiles } = await esbuild.build({ stdin, ...options });
  const { declared, toSimd } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return [
    'import { input, output, param } from "../device/wasm/call.simd";',
    'import { erf, exp, madd, positive } from "../device/wasm/math.simd";',
    ...declared.map((op) => elementwiseKernel(op, toSimd(op.formula))),
  ].join("\n");
}

function elementwiseKernel({ name, operands, settings }, statements) {
  const given = (load) => [...operands.map((operand) => `${load}(${operand} + at)`), ...settings].join(", ");
  return `
@inline
function ${name}_values(${[...operands, ...settings].map((name) => `${name}: v128`).join(", ")}): v128 {
${statements}}

export function ${name}(call: usize, from: i32, to: i32): void {
${operands.map((operand, i) => `  const ${operand} = input(call, ${i});\n`).join("")}\
${settings.map((setting, i) => `  const ${setting} = f32x4.splat(param(call, ${i + 1}));\n`).join("")}\
  const y = output(call);
  const end = (<usize>to) << 2;
  let at = (<usize>from) << 2;
  for (; at + 16 <= end; at += 16) v128.store(y + at, ${name}_values(${given("v128.load")}));
  for (; at < end; at += 4) v128.store_lane<f32>(y + at, ${name}_values(${given("v128.load32_zero")}), 0);
}`;
}

/** The list of kernels, which nobody keeps by hand: the module's entry, and what the walker calls. */
function entrySource(sources) {
  const kernels = [...sources].flatMap(([path, text]) =>
    [...text.matchAll(/^export function (\w+)\(call: usize, from: i32, to: i32\): void/gm)].map(([, name]) => ({
      name,
      path: `../../../${path.slice(0, -".ts".length)}`,
    })),
  );
  return [
    ...kernels.map(({ name, path }) => `import { ${name} } from "${path}";`),
    'export * from "./walk.simd";',
    // Exported, so that the optimizer does not move their code into the one place that calls them.
    `export { ${kernels.map(({ name }) => name).join(", ")} };`,
    ...kernels.map(({ name }, i) => `export const opcode_${name}: i32 = ${i};`),
    "export function runKernel(opcode: i32, call: usize, from: i32, to: i32): void {",
    "  switch (opcode) {",
    ...kernels.map(({ name }, i) => `    case ${i}: return ${name}(call, from, to);`),
    "    default: unreachable();",
    "  }",
    "}",
  ].join("\n");
}

async function compile(sources, relaxed) {
  const { default: asc } = await import("assemblyscript/asc");
  let binary;
  const messages = [];
  const { error } = await asc.main(
    [
      ...[entry, "--outFile", "kernels.wasm", "-O3", "--noAssert", "--runtime", "stub"],
      ...["--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
      ...["--disableWarning", "112", "--memoryBase", "8192"], // vectors stay inside; control.simd.ts has what is below
      ...["--enable", relaxed ? "simd,threads,relaxed-simd" : "simd,threads"],
    ],
    {
      readFile: (name) => (name === entry ? entrySource(sources) : (sources.get(name) ?? null)),
      writeFile: (name, contents) => {
        if (name === "kernels.wasm") binary = contents;
      },
      listFiles: () => [],
      stderr: { write: (text) => void messages.push(text) },
    },
  );
  if (error) throw new Error(`The CPU kernels do not compile:\n${messages.join("")}`);
  return binary;
}
