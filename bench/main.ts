// `npm run bench`: speed and accuracy beside llama.cpp on this machine, printed and written to bench/RESULTS.md.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { accuracy } from "./accuracy";
import { keystrokes } from "./keystroke";
import { randomModel } from "./random";
import { report } from "./report";
import { writePart } from "./results";
import { builtIn, cache } from "./run";
import { speeds } from "./speed";
import { training } from "./training";

const models = {
  "built-in (135M, Q4_1)": builtIn,
  "0.5B Q8_0": join(cache, "llama-0.5b-q8_0.gguf"),
  "0.5B Q4_0": join(cache, "llama-0.5b-q4_0.gguf"),
};

console.log("random models");
await randomModel(models["0.5B Q8_0"], "q8_0");
await randomModel(models["0.5B Q4_0"], "q4_0");
const measured = await speeds(models);
console.log("keystrokes");
const typed = await keystrokes();
console.log("training");
const trained = await training();
console.log("accuracy");
const agreed = await accuracy();

const { version } = JSON.parse(await readFile("bench/node_modules/node-llama-cpp/package.json", "utf8"));
const results = report(measured, typed, trained, agreed, `node-llama-cpp ${version}`);
await writePart(results);
console.log(`\n${results}`);
