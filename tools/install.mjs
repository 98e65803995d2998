// Installs the packages of package-lock.json, unless they are installed already.
import { readFile } from "node:fs/promises";
import { npm, root, step } from "./steps.mjs";

const packages = async (file) =>
  JSON.parse(await readFile(new URL(file, `file://${root}`), "utf8").catch(() => "{}")).packages ?? {};

/** npm writes what it installed into node_modules/.package-lock.json; packages for other platforms are not in it. */
async function installed() {
  const [wanted, present] = await Promise.all([
    packages("package-lock.json"),
    packages("node_modules/.package-lock.json"),
  ]);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || present[path]?.version === version,
  );
}

export async function install() {
  if (await installed()) return;
  await step("Installing the packages of package-lock.json", () => npm(["ci"]));
}
