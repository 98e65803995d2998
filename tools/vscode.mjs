// A real VS Code from npm packages alone: its server with a Node to run it (`npm start` without a desktop VS Code), and a
// headless browser for the tests (`npm test`). test/client/host knows the paths in them.
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fetchOnce } from "./fetch.mjs";
import { npm, root, run } from "./steps.mjs";

const serverPackages = { "code-server": "4.139.1", [`node-${process.platform}-${process.arch}`]: "24.21.0" };
const browserPackages = {
  "@sparticuz/chromium": "153.0.0",
  // so that pictures look the same on every machine, and right on one without fonts
  "@expo-google-fonts/inter": "0.4.2",
  "@expo-google-fonts/jetbrains-mono": "0.4.1",
};

const unneeded = ["node_modules/@github", "node_modules/@microsoft/mxc-sdk", "extensions/copilot"];

export const installServer = () =>
  fetchOnce(import.meta.url, "VS Code's server", "vscode", serverPackages, async (folder) => {
    const vscode = join(folder, "node_modules/code-server/lib/vscode");
    const pinned = ["install", "--omit=dev"]; // by the npm-shrinkwrap.json beside it
    await Promise.all([npm(pinned, { cwd: vscode }), npm(pinned, { cwd: join(vscode, "extensions") })]);
    await copyFile(join(root, "tools/spdlog.cjs"), join(vscode, "node_modules/@vscode/spdlog/index.js"));
    await Promise.all(unneeded.map((path) => rm(join(vscode, path), { recursive: true, force: true })));
  });

export const installBrowser = () =>
  fetchOnce(import.meta.url, "a headless browser", "browser", browserPackages, async (folder) => {
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
