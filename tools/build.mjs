// Builds everything into dist/: `node tools/build.mjs`, with `--tests` the tests too.
//
//   client.cjs   the extension            server.js    the language server
//   engine.js    the server's worker      thread.js    one of the engine's CPU threads
//   index.js     the workspace index's thread
//   cli.js       `glassbox`               kernels.wasm the CPU kernels
//   grammars/    tree-sitter grammars
//   host.js      runs the fetched VS Code code.js      replaces its executable
//   view/**      webviews                 test/**      tests, with --tests
//   bundles.json the sources of each bundle
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { buildKernels } from "./kernels.mjs";
import { bundled, loader, root } from "./steps.mjs";

const common = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: true,
  metafile: true,
  logLevel: "warning",
  loader,
};

/** For Node 20 and later, as ES modules; bundled CommonJS dependencies find their `require`. */
const node = {
  ...common,
  platform: "node",
  target: "node20",
  format: "esm",
  outdir: "dist",
  external: ["vscode", "webgpu", "mocha", "playwright-core", "@vscode/test-electron"],
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
};

/** VS Code loads the extension and its tests as CommonJS. */
const extension = { ...node, format: "cjs", outExtension: { ".js": ".cjs" }, banner: {} };

async function files(folder, ending) {
  const names = await readdir(join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

async function copyGrammars() {
  const { grammars } = await bundled("server/syntax/grammars.ts");
  const files = [...new Set(Object.values(grammars))].map(
    (name) => `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`,
  );
  files.push("web-tree-sitter/web-tree-sitter.wasm");
  const to = join(root, "dist/grammars");
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await Promise.all(files.map((file) => copyFile(join(root, "node_modules", file), join(to, basename(file)))));
}

const buildViews = (entryPoints, outbase, outdir) =>
  esbuild.build({ ...common, minify: true, format: "esm", entryPoints, outbase, outdir });

export async function build({ tests = false } = {}) {
  const builds = [
    buildKernels(),
    copyGrammars(),
    esbuild.build({ ...extension, minify: true, entryPoints: { client: "client/extension.ts" } }),
    esbuild.build({
      ...node,
      entryPoints: {
        server: "server/main.ts",
        engine: "server/engine/worker.ts",
        index: "server/workspace/index/thread.ts",
        thread: "engine/device/wasm/thread.ts",
        cli: "cli/main.ts",
        host: "test/client/host/index.ts",
        code: "test/client/host/code.ts",
      },
    }),
  ];
  builds.push(
    buildViews(
      ["webview/theme.css", ...(await files("webview", "main.tsx")), ...(await files("webview", "main.css"))],
      "webview",
      "dist/view",
    ),
  );
  if (tests) {
    const inEditor = await files("test/client/suite", ".ts");
    const inNode = (await files("test", ".test.ts")).filter((file) => !inEditor.includes(file));
    builds.push(esbuild.build({ ...node, entryPoints: inNode, outbase: "test", outdir: "dist/test", splitting: true }));
    builds.push(esbuild.build({ ...extension, entryPoints: inEditor, outbase: "test", outdir: "dist/test" }));
    builds.push(
      buildViews(await files("test/client/views", "main.js"), "test/client/views", "dist/test/client/views/dist/view"),
    );
  }
  const outputs = (await Promise.all(builds)).flatMap((result) => Object.entries(result?.metafile?.outputs ?? {}));
  await chmod(join(root, "dist/cli.js"), 0o755);
  const bundles = Object.fromEntries(outputs.map(([bundle, { inputs }]) => [bundle, Object.keys(inputs)]));
  await writeFile(join(root, "dist/bundles.json"), JSON.stringify(bundles, null, 2));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ tests: process.argv.includes("--tests") });
