// vsce, VS Code's packager. It is fetched when it is first needed and not installed with the project: with its dependencies
// for signing in to the Marketplace it takes 125 MB, and only packaging needs it.
import { join } from "node:path";
import { cached, fetchOnce } from "./fetch.mjs";
import { run } from "./steps.mjs";

export async function vsce(args, options) {
  await fetchOnce(import.meta.url, "vsce", "vsce", { "@vscode/vsce": "3.9.2" }); // the last one for Node 20
  return run(process.execPath, [join(cached("vsce"), "node_modules/@vscode/vsce/vsce"), ...args], options);
}
