// Draws images/icon.png, the Marketplace's icon, from images/icon.svg: `node tools/icon.mjs`, after a build.
import { readFile } from "node:fs/promises";
import { openBrowser } from "../dist/host.js";

const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
await page.setContent(`<style>body { margin: 0 }</style>${await readFile("images/icon.svg", "utf8")}`);
await page.screenshot({ path: "images/icon.png", omitBackground: true });
await browser.close();
