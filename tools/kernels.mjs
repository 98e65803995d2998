// Compiles the CPU kernels, engine/**/*.simd.ts (AssemblyScript), into dist/kernels.wasm, and without relaxed SIMD into
// dist/kernels-plain.wasm. A kernel is an exported function `name(call: NameCall, from: i32, to: i32): void`, where the
// class's fields are its params. The section "kernels" of the binary lists all with their params, in the order of their
// opcodes. Kernels of elementwise ops are written here, by their formulas. Sizes that kernels share with the TypeScript
// around them are in *.tiles.ts, which both languages read.
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
      if (/\.(simd|tiles)\.ts$/.test(name))
        sources.set(`${folder}/${name}`, await readFile(`${root}${folder}/${name}`, "utf8"));
  return sources.set("engine/ops/elementwise.simd.ts", await elementwiseSource());
}

/** The kernels of the ops that engine/ops/elementwise.ts declares. Items: values. */
async function elementwiseSource() {
  const contents = 'export * from "./elementwise"; export { toSimd } from "./formula";';
  const stdin = { contents, resolveDir: `${root}engine/ops`, loader: "ts" };
  const options = { bundle: true, write: false, format: "esm", loader: { ".wgsl": "text" } };
  const { outputFiles } = await esbuild.build({ stdin, ...options });
  const { elementwiseOps, toSimd } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return [
    'import { Call, input, output } from "../device/wasm/call.simd";',
    'import { erf, exp, madd, positive } from "../device/wasm/math.simd";',
    ...elementwiseOps.map((op) => elementwiseKernel(op, toSimd(op.formula))),
  ].join("\n");
}

function elementwiseKernel({ name, operands, scalars }, statements) {
  const given = (load) => [...operands.map((operand) => `${load}(${operand} + at)`), ...scalars].join(", ");
  return `
@unmanaged
export class ${name}_Call extends Call {
  size: i32;
${scalars.map((scalar) => `  ${scalar}: f32;\n`).join("")}\
}

@inline
function ${name}_values(${[...operands, ...scalars].map((name) => `${name}: v128`).join(", ")}): v128 {
${statements}}

export function ${name}(call: ${name}_Call, from: i32, to: i32): void {
${operands.map((operand, i) => `  const ${operand} = input(call, ${i});\n`).join("")}\
${scalars.map((scalar) => `  const ${scalar} = f32x4.splat(call.${scalar});\n`).join("")}\
  const y = output(call);
  const end = (<usize>to) << 2;
  let at = (<usize>from) << 2;
  for (; at + 16 <= end; at += 16) v128.store(y + at, ${name}_values(${given("v128.load")}));
  for (; at < end; at += 4) v128.store_lane<f32>(y + at, ${name}_values(${given("v128.load32_zero")}), 0);
}`;
}

/** The kernels that the source files export, and the classes of their calls. */
function kernelsIn(sources) {
  const pathOf = (path) => `../../../${path.slice(0, -".ts".length)}`;
  const classes = new Map();
  const kernels = [];
  for (const [path, text] of sources) {
    for (const [, name, base, body] of text.matchAll(/^export class (\w+Call) extends (\w+) {([^}]*)}/gm))
      classes.set(name, { base, path: pathOf(path), fields: [...body.matchAll(/^ {2}(\w+): (i32|f32);/gm)] });
    for (const [, name, call] of text.matchAll(/^export function (\w+)\(call: (\w+), from: i32, to: i32\): void/gm))
      kernels.push({ name, call, path: pathOf(path) });
  }
  return { kernels, classes };
}

/** The params that a class declares, after those of the class that it extends. */
function paramsOf(name, classes) {
  if (name === "Call") return [];
  if (!classes.has(name)) throw new Error(`A CPU kernel takes ${name}, but there is no such class of calls`);
  const { base, fields } = classes.get(name);
  return [...paramsOf(base, classes), ...fields.map(([, name, type]) => ({ name, type }))];
}

/** The module's entry, and what the walker calls. */
function entrySource({ kernels, classes }) {
  return [
    ...kernels.map(({ name, path }) => `import { ${name} } from "${path}";`),
    ...[...classes].map(([name, { path }]) => `import { ${name} } from "${path}";`),
    'export * from "./walk.simd";',
    // Exported, so that the optimizer does not move their code into the one place that calls them.
    `export { ${kernels.map(({ name }) => name).join(", ")} };`,
    "export function runKernel(opcode: i32, call: usize, from: i32, to: i32): void {",
    "  switch (opcode) {",
    ...kernels.map(({ name, call }, i) => `    case ${i}: return ${name}(changetype<${call}>(call), from, to);`),
    "    default: unreachable();",
    "  }",
    "}",
  ].join("\n");
}

async function compile(sources, relaxed) {
  const { default: asc } = await import("assemblyscript/asc");
  const found = kernelsIn(sources);
  let binary;
  const messages = [];
  const { error } = await asc.main(
    [
      ...[entry, "--outFile", "kernels.wasm", "-O3", "--noAssert", "--runtime", "stub"],
      ...["--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
      // Warning 112 is of exported functions that take vectors: only kernels call them. control.simd.ts uses the first 8192 bytes.
      ...["--disableWarning", "112", "--memoryBase", "8192"],
      ...["--enable", relaxed ? "simd,threads,relaxed-simd" : "simd,threads"],
    ],
    {
      readFile: (name) => (name === entry ? entrySource(found) : (sources.get(name) ?? null)),
      writeFile: (name, contents) => {
        if (name === "kernels.wasm") binary = contents;
      },
      listFiles: () => [],
      stderr: { write: (text) => void messages.push(text) },
    },
  );
  if (error) throw new Error(`The CPU kernels do not compile:\n${messages.join("")}`);
  const listed = found.kernels.map(({ name, call }) => ({ name, params: paramsOf(call, found.classes) }));
  return Buffer.concat([binary, section("kernels", listed)]);
}

/** A custom section that holds JSON. */
function section(name, value) {
  const payload = Buffer.from(`${String.fromCharCode(name.length)}${name}${JSON.stringify(value)}`);
  const size = [];
  for (let rest = payload.length; rest > 0 || size.length === 0; rest >>= 7)
    size.push((rest & 127) | (rest > 127 ? 128 : 0));
  return Buffer.concat([Buffer.from([0, ...size]), payload]);
}
