// Fetches npm packages that no lock file of the product names into a folder of the git-ignored .cache/. The folder is put in
// its place when it is complete, and made again when the file that asks for it has changed.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npm, root, step } from "./steps.mjs";

export const cached = (name) => join(root, ".cache", name);

/**
 * @param recipe the URL of the module that asks
 * @param dependencies versions by package
 * @param finish what is done to the folder before it is put in its place
 */
export async function fetchOnce(recipe, what, name, dependencies, finish = async () => {}) {
  const text = await readFile(new URL(recipe), "utf8");
  if ((await readFile(join(cached(name), "recipe"), "utf8").catch(() => "")) === text) return;
  await step(`Fetching ${what} (once, into .cache/${name})`, async () => {
    const unfinished = cached(`${name}.${process.pid}`);
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "package.json"), JSON.stringify({ private: true, dependencies }));
    await npm(["install"], { cwd: unfinished });
    await finish(unfinished);
    await writeFile(join(unfinished, "recipe"), text);
    await rm(cached(name), { recursive: true, force: true });
    await rename(unfinished, cached(name));
  });
}
