// Runs the files of this folder that GLASSBOX_SUITE names with mocha in VS Code's extension host, and writes the results to the
// file that GLASSBOX_REPORT names.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

export function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 60_000, reporter: "base" });
  for (const name of process.env.GLASSBOX_SUITE!.split(",")) mocha.addFile(join(__dirname, `${name}.cjs`));

  const results: { name: string; problem?: string }[] = [];
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      writeFileSync(process.env.GLASSBOX_REPORT!, JSON.stringify(results));
      failures ? reject(new Error(`${failures} failed`)) : resolve();
    });
    runner.on("pass", (test) => results.push({ name: test.fullTitle() }));
    runner.on("pending", (test) => results.push({ name: test.fullTitle(), problem: "It was skipped." }));
    runner.on("fail", (test, error) => results.push({ name: test.fullTitle(), problem: error.stack ?? String(error) }));
  });
}
