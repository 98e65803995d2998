// `npm test [-- PATTERN …]`: installs and builds what is missing, checks the format, the lint rules and the types, and runs all
// tests, those of the extension in a real VS Code. With patterns it runs only the test files whose paths hold one of them. The
// last line counts the tests.
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run as runNodeTests } from "node:test";
import { inspect } from "node:util";
import { install } from "./install.mjs";
import { installOldNode } from "./oldNode.mjs";
import { makePackage } from "./package.mjs";
import { root, run, say, seconds, step } from "./steps.mjs";
import { installBrowser, installServer } from "./vscode.mjs";

process.chdir(root);
const patterns = process.argv.slice(2);
const chosen = await choose();
/** npm has a VS Code only for Linux; elsewhere @vscode/test-electron fetches the desktop's. */
const fetched = process.platform === "linux";
const total = { passed: 0, failed: 0 };

await install();
const { build } = await import("./build.mjs"); // it needs what was just installed
await Promise.all([
  step("Building", () => build({ tests: true })),
  fetched && chosenOf("browser", "suite", "package").length && installServer(),
  fetched && installBrowser(),
  fetched && chosenOf("package").length && installOldNode(),
]);
const { installExtension, softwareVulkan } = await import("../dist/host.js");
const extensions = await mkdtemp(join(tmpdir(), "glassbox-extensions-"));
const ofPackage = chosenOf("browser", "package");
if (ofPackage.length && fetched) await installPackage();
else if (ofPackage.length) say(`Left out, for they need Linux: ${ofPackage.join(", ")}`);

if (fetched) Object.assign(process.env, softwareVulkan);
await sideBySide(2, [...checks(), ...chosenOf("other").sort(byFolder).map(testFile)]);
await sideBySide(1, chosenOf("server").map(testFile));
if (fetched) await sideBySide(1, chosenOf("package").map(testFile));
for (const name in softwareVulkan) delete process.env[name]; // VS Code runs as it does for users
if (fetched) await sideBySide(1, chosenOf("browser").map(testFile));
if (chosenOf("suite").length) await testInEditor(chosenOf("suite"));
await rm(extensions, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

/** The test files, as paths below test/. */
async function choose() {
  const names = await readdir("test", { recursive: true });
  const files = names.filter((name) => name.endsWith(".test.ts")).map((name) => name.replaceAll("\\", "/"));
  const wanted = (pattern) => files.filter((file) => `test/${file}`.includes(pattern));
  const unknown = patterns.filter((pattern) => wanted(pattern).length === 0);
  if (unknown.length) {
    console.error(`No test file has ${unknown.join(" or ")} in its path; test/ holds them all.`);
    process.exit(1);
  }
  return patterns.length ? [...new Set(patterns.flatMap(wanted))] : files;
}

/** The chosen files of some groups, by what they need. */
function chosenOf(...groups) {
  return chosen.filter((file) => groups.includes(groupOf(file)));
}

function groupOf(file) {
  if (file.startsWith("client/browser/")) return "browser"; // VS Code with the installed package, in a browser
  if (file.startsWith("client/suite/")) return "suite"; // VS Code's extension host
  if (file.startsWith("package/")) return "package"; // the installed package
  if (file.startsWith("server/")) return "server"; // a server with deadlines: nothing may run beside it
  return "other"; // no deadlines: two run at a time
}

/** The package of this platform, installed as users install it, outside the project's folder, where nothing else is found. */
async function installPackage() {
  const vsix = await makePackage(`${process.platform}-${process.arch}`);
  await step("Installing the package", () => installExtension(vsix, extensions));
  process.env.GLASSBOX_EXTENSIONS = extensions;
}

/** The longest first, so that no long one is left alone at the end. */
function byFolder(a, b) {
  const long = ["cli/", "engine/train/", "engine/models/", "engine/ops/"];
  const rank = (file) => (long.findIndex((folder) => file.startsWith(folder)) + long.length + 1) % (long.length + 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Runs jobs in their order, a given number at a time. */
async function sideBySide(count, jobs) {
  const rest = [...jobs];
  async function work() {
    for (let job = rest.shift(); job; job = rest.shift()) await job();
  }
  await Promise.all(Array.from({ length: count }, work));
}

function checks() {
  if (patterns.length) return [];
  return [
    check("The format and the lint rules", "@biomejs/biome/bin/biome", ["check", "."]),
    check("The types, and the imports between the folders", "typescript/bin/tsc", ["--build"]),
  ];
}

function check(what, script, args) {
  return async () => {
    const since = performance.now();
    const problem = await run(process.execPath, [join("node_modules", script), ...args]).then(
      () => undefined,
      (error) => error.message,
    );
    report(what, since, [{ name: what, problem }]);
  };
}

/** A file of node:test, in a process of its own. */
function testFile(source) {
  return async () => {
    const file = join("dist/test", source.replace(/ts$/, "js"));
    const results = [];
    const printed = [];
    const events = runNodeTests({ files: [file], timeout: 600_000 });
    events.on("test:stdout", ({ message }) => printed.push(message));
    events.on("test:stderr", ({ message }) => printed.push(message));
    events.on("test:pass", ({ name, skip, todo, details }) => {
      if (details.type === "suite" || name.endsWith(file)) return;
      const left = skip !== undefined || todo !== undefined;
      results.push({ name, problem: left && "It was skipped, and no test may be." });
    });
    events.on("test:fail", ({ name, details: { error } }) => {
      if (error.failureType !== "subtestsFailed") results.push({ name, problem: inspect(error.cause ?? error) });
    });
    const since = performance.now();
    for await (const _ of events);
    report(`test/${source}`, since, results, printed.join(""));
  };
}

/** test/client/suite, by mocha in VS Code's extension host, which leaves its results in a file. */
async function testInEditor(files) {
  const { runTests } = await import("@vscode/test-electron");
  const scratch = await mkdtemp(join(tmpdir(), "glassbox-suite-"));
  const folder = join(scratch, "corner-shop");
  await cp("demo", folder, { recursive: true });
  const reported = join(scratch, "report.json");
  say("test/client/suite, in VS Code …");
  const since = performance.now();
  const problem = await runTests({
    vscodeExecutablePath: fetched ? join(root, "tools/code") : undefined,
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, "dist/test/client/suite/index.cjs"),
    extensionTestsEnv: {
      GLASSBOX_REPORT: reported,
      GLASSBOX_SUITE: files.map((file) => basename(file, ".ts")).join(","),
    },
    launchArgs: [folder],
  }).then(
    () => undefined,
    (error) => String(error),
  );
  const results = JSON.parse(await readFile(reported, "utf8").catch(() => "[]"));
  if (problem && results.every((result) => !result.problem)) results.push({ name: "VS Code", problem });
  report("test/client/suite", since, results);
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}

/** Prints the failed tests of a file, then one line for the file. */
function report(what, since, results, printed = "") {
  if (results.length === 0) results.push({ name: "the file", problem: "It holds no test." });
  const failed = results.filter(({ problem }) => problem);
  total.passed += results.length - failed.length;
  total.failed += failed.length;
  for (const { name, problem } of failed) console.log(`\n✘ ${what}: ${name}\n${problem}\n`);
  if (failed.length && printed) console.log(printed);
  say(
    `${failed.length ? "✘" : "✔"} ${what}: ${results.length - failed.length} of ${results.length}, ${seconds(since)}`,
  );
}
