// The packages on which suggestions are measured (bench/suggestions/packages.json), each a workspace of its sources:
// .cache/bench/workspaces/SET/REGISTRY/PACKAGE/…
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundled, root } from "../steps.mjs";
import { emptyFolder, fetchPackage } from "./fetch.mjs";
import { sourcesOf } from "./sources.mjs";

/** Writes the workspaces that are not there yet. */
export async function fetchWorkspaces() {
  const { choose } = await bundled("server/workspace/choose.ts");
  const sets = JSON.parse(await readFile(join(root, "bench/suggestions/packages.json"), "utf8"));
  for (const [set, registries] of Object.entries(sets))
    for (const [registry, specs] of Object.entries(registries))
      for (const spec of specs) {
        const to = join(root, ".cache/bench/workspaces", set, registry, spec.replaceAll("/", "__"));
        const done = join(to, ".git/description"); // a repository of its own, of which nothing is ignored from above
        if (await readFile(done).catch(() => undefined)) continue;
        const fetched = await fetchPackage(registry, spec);
        if (!fetched) throw new Error(`${spec} is listed in bench/suggestions/packages.json, but may not be used`);
        const { taken } = await choose(await sourcesOf(fetched.folder), { within: "", gitignores: [], excludes: [] });
        await emptyFolder(to);
        for (const { path, text } of taken) await writeIn(join(to, path), text);
        await writeIn(done, spec);
      }
}

async function writeIn(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
