// Opens the headless Chromium that tools/vscode.mjs fetched, in which the tests see VS Code.
import { join, resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";

const folder = resolve(".cache/browser/chromium");

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
      XDG_CACHE_HOME: folder,
    },
    args: [
      "--no-sandbox", // Chromium's sandbox does not work for root, and the pages are ours
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
      "--font-render-hinting=none",
    ],
  });
}

/** The environment of a process that uses WebGPU without a GPU: the Vulkan loader and SwiftShader that come with the browser. */
export const softwareVulkan = {
  VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json"),
  LD_LIBRARY_PATH: folder,
};
