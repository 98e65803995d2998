// Runs this folder's tests with mocha in VS Code's extension host and leaves the results where GLASSBOX_REPORT says.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

export function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 60_000, reporter: "base" });
  for (const file of readdirSync(__dirname)) if (file.endsWith(".test.cjs")) mocha.addFile(join(__dirname, file));

  const results: { title: string; error?: string }[] = [];
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      writeFileSync(process.env.GLASSBOX_REPORT!, JSON.stringify(results));
      failures ? reject(new Error(`${failures} failed`)) : resolve();
    });
    runner.on("pass", (test) => results.push({ title: test.fullTitle() }));
    runner.on("pending", (test) => results.push({ title: test.fullTitle(), error: "It was skipped." }));
    runner.on("fail", (test, error) => results.push({ title: test.fullTitle(), error: error.stack ?? String(error) }));
  });
}
