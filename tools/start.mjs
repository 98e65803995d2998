// `npm start [-- FOLDER]`: installs, builds, and opens VS Code with the extension on a folder, or on the demo with a file to
// type in. It uses the desktop's VS Code if there is one, otherwise one from npm, whose address is printed.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { install } from "./install.mjs";
import { root, run, say, step } from "./steps.mjs";
import { installServer } from "./vscode.mjs";

const demo = join(root, "demo");
const folder = resolve(process.argv[2] ?? demo);
/** The file of the demo that says where to type. It is opened at its end. */
const file = folder === demo ? join(demo, "src/try-it.ts") : undefined;
if (!existsSync(folder)) {
  console.error(`There is no folder ${folder}. Usage: npm start [-- FOLDER]`);
  process.exit(1);
}

const desktop = onPath(process.platform === "win32" ? "code.cmd" : "code");

async function installAndBuild() {
  await install();
  const { build } = await import("./build.mjs"); // it needs what was just installed
  await step("Building the extension", () => build());
}

await Promise.all([installAndBuild(), desktop || installServer()]);
await (desktop ? openDesktop() : openServer());

async function openDesktop() {
  say(`Opening ${folder} in ${desktop}`);
  const at = file ? ["--goto", `${file}:${lastLine(file)}`] : [];
  await run(desktop, ["--new-window", `--extensionDevelopmentPath=${root}`, folder, ...at], {
    shell: process.platform === "win32",
  });
}

async function openServer() {
  const { startServer } = await import("../dist/host.js");
  const server = await step("Starting VS Code", () =>
    startServer({ data: join(root, ".cache/profile"), extension: "linked", port: "8170-8199" }),
  );
  const stop = () => server.stop().then(() => process.exit());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
  server.process.once("exit", () => process.exit(1));
  say("Glassbox is ready. Open this address in a browser; Ctrl+C ends it.");
  console.log(`\n    ${server.address(folder, file && { file, line: lastLine(file) })}\n`);
}

function lastLine(file) {
  return readFileSync(file, "utf8").split("\n").length;
}

function onPath(command) {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return folders.map((folder) => join(folder, command)).find(existsSync);
}
