// Fetches npm packages that are not in the product's lock file into a folder of the git-ignored .cache/. The folder appears
// only when it is complete, and is fetched again when the module that requests it has changed.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npm, root, step } from "./steps.mjs";

export const cached = (name) => join(root, ".cache", name);

/**
 * @param recipe the URL of the module that requests them
 * @param dependencies versions by package
 * @param finish called with the folder before it is moved to its place
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
