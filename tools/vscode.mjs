// A real VS Code from npm packages alone, in the git-ignored .cache/: the server and a Node to run it (`npm start` where
// there is no desktop VS Code), and the headless browser that looks at it (`npm test`). A folder is put in its
// place when it is complete, so that it is fetched once. test/client/host knows what stands where in them.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npm, root, run, step } from "./steps.mjs";

const serverPackages = { "code-server": "4.139.1", [`node-${process.platform}-${process.arch}`]: "24.21.0" };
const browserPackages = {
  "@sparticuz/chromium": "153.0.0",
  // so that pictures look the same on every machine, and right on one without fonts
  "@expo-google-fonts/inter": "0.4.2",
  "@expo-google-fonts/jetbrains-mono": "0.4.1",
};

const cache = (name) => join(root, ".cache", name);

const unneeded = ["node_modules/@github", "node_modules/@microsoft/mxc-sdk", "extensions/copilot"];

export const installServer = () =>
  fetchOnce("VS Code's server", "vscode", serverPackages, async (folder) => {
    const vscode = join(folder, "node_modules/code-server/lib/vscode");
    const pinned = ["install", "--omit=dev"]; // by the npm-shrinkwrap.json beside it
    await Promise.all([npm(pinned, { cwd: vscode }), npm(pinned, { cwd: join(vscode, "extensions") })]);
    await copyFile(join(root, "tools/spdlog.cjs"), join(vscode, "node_modules/@vscode/spdlog/index.js"));
    await Promise.all(unneeded.map((path) => rm(join(vscode, path), { recursive: true, force: true })));
  });

export const installBrowser = () =>
  fetchOnce("a headless browser", "browser", browserPackages, async (folder) => {
    const chromium = join(folder, "chromium");
    await mkdir(chromium);
    const unpack = `await (await import("@sparticuz/chromium")).default.executablePath()`; // into the temporary folder
    await run(process.execPath, ["--input-type=module", "--eval", unpack], {
      cwd: folder,
      env: { ...process.env, TMPDIR: chromium, AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" },
    });
    await writeFile(join(chromium, "fonts.conf"), fontConfiguration);
    await rm(join(folder, "node_modules/@sparticuz"), { recursive: true });
  });

async function fetchOnce(what, name, dependencies, finish) {
  const recipe = await readFile(new URL(import.meta.url), "utf8"); // a folder made by another one is made anew
  if ((await readFile(join(cache(name), "recipe"), "utf8").catch(() => "")) === recipe) return;
  await step(`Fetching ${what} (once, into .cache/${name})`, async () => {
    const unfinished = cache(`${name}.${process.pid}`);
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "package.json"), JSON.stringify({ private: true, dependencies }));
    await npm(["install"], { cwd: unfinished });
    await finish(unfinished);
    await writeFile(join(unfinished, "recipe"), recipe);
    await rm(cache(name), { recursive: true, force: true });
    await rename(unfinished, cache(name));
  });
}

const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">../node_modules/@expo-google-fonts</dir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
