// `npm test`: installs and builds whatever is missing, then checks the form and the types, runs the tests of every room,
// and the extension's in a real VS Code. The last line counts them all.
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run as runNodeTests } from "node:test";
import { inspect } from "node:util";
import { install } from "./install.mjs";
import { root, run, say, seconds, step } from "./steps.mjs";
import { installBrowser, installServer } from "./vscode.mjs";

/** Only there does npm have a VS Code; elsewhere @vscode/test-electron fetches the desktop's. */
const fetched = process.platform === "linux";
const total = { passed: 0, failed: 0 };

process.chdir(root);
await install();
const { build } = await import("./build.mjs"); // it needs what was just installed
await Promise.all([
  step("Building", () => build({ tests: true })),
  fetched && installServer(),
  fetched && installBrowser(),
]);
const { softwareVulkan } = await import("../dist/host.js");
await check("The form of the code", "@biomejs/biome/bin/biome", ["check", "."]);
await check("The types and the walls between the rooms", "typescript/bin/tsc", ["--build"]);
await testInNode();
await testInEditor();
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

function count(passed, what, problem) {
  total[passed ? "passed" : "failed"]++;
  if (!passed) console.log(`\n✘ ${what}\n${problem}\n`);
}

async function check(what, script, args) {
  await step(what, () =>
    run(process.execPath, [join("node_modules", script), ...args]).then(
      () => count(true, what),
      (error) => count(false, what, error.message),
    ),
  );
}

/** node:test's files, a process each; those of test/client/browser look at VS Code through a browser. */
async function testInNode() {
  const files = (await readdir("dist/test", { recursive: true })).filter((file) => file.endsWith(".test.js")).sort();
  const inBrowser = files.filter((file) => file.startsWith(join("client", "browser")));
  const test = (file) => testFile(join("dist/test", file), `test/${file.replace(/js$/, "ts")}`);
  if (fetched) Object.assign(process.env, softwareVulkan);
  for (const file of files) if (!inBrowser.includes(file)) await test(file);
  for (const name in softwareVulkan) delete process.env[name]; // VS Code runs as it does for users
  if (fetched) for (const file of inBrowser) await test(file);
}

async function testFile(file, source) {
  const before = { ...total };
  const printed = [];
  const events = runNodeTests({ files: [file], timeout: 600_000 });
  events.on("test:stdout", ({ message }) => printed.push(message));
  events.on("test:stderr", ({ message }) => printed.push(message));
  events.on("test:pass", ({ name, skip, todo, details }) => {
    if (details.type === "suite" || name.endsWith(file)) return;
    const left = skip !== undefined || todo !== undefined;
    count(!left, `${source}: ${name}`, "It was skipped. A test holds what is true today, or is not there.");
  });
  events.on("test:fail", ({ name, details: { error } }) => {
    if (error.failureType !== "subtestsFailed") count(false, `${source}: ${name}`, inspect(error.cause ?? error));
  });
  const since = performance.now();
  for await (const _ of events);
  const passed = total.passed - before.passed;
  const failed = total.failed - before.failed;
  if (passed + failed === 0) count(false, source, "It holds no test.");
  if (failed) console.log(printed.join(""));
  say(`${failed ? "✘" : "✔"} ${source}: ${passed} of ${passed + failed}, ${seconds(since)}`);
}

/** test/client/suite, by mocha in VS Code's extension host, which leaves its counts in a file. */
async function testInEditor() {
  const { runTests } = await import("@vscode/test-electron");
  const scratch = await mkdtemp(join(tmpdir(), "glassbox-suite-"));
  const folder = join(scratch, "corner-shop");
  await cp("demo", folder, { recursive: true });
  const report = join(scratch, "report.json");
  say("test/client/suite, in VS Code …");
  const since = performance.now();
  const problem = await runTests({
    vscodeExecutablePath: fetched ? join(root, "tools/code") : undefined,
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, "dist/test/client/suite/index.cjs"),
    extensionTestsEnv: { GLASSBOX_REPORT: report },
    launchArgs: [folder],
  }).then(
    () => "",
    (error) => String(error),
  );
  const results = JSON.parse(await readFile(report, "utf8").catch(() => "[]"));
  for (const { title, error } of results) count(!error, `test/client/suite: ${title}`, error);
  const failed = results.filter(({ error }) => error).length;
  if (results.length === 0 || (problem && failed === 0)) count(false, "test/client/suite", problem || "No test ran.");
  say(`${failed ? "✘" : "✔"} test/client/suite: ${results.length - failed} of ${results.length}, ${seconds(since)}`);
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}
