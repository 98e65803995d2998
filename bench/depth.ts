// `npm run bench -- depth`: what prefill and decode of the built-in model take behind a long text, ours and the peer's in turns,
// each measurement in a process of its own; medians over rounds.

import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { table, writePart } from "./results";
import { builtIn, ours, peer, type Speed } from "./run";

const depths = [512, 1792, 3584];
const rounds = 3;
const threads = 2;
const context = 4352;

const measured = depths.map((depth) => ({ depth, ours: [] as Speed[], peer: [] as Speed[] }));
for (let round = 1; round <= rounds; round++)
  for (const at of measured) {
    console.log(`round ${round} of ${rounds}: ${at.depth} tokens deep`);
    const options = ["--context", String(context), "--depth", String(at.depth), "--rounds", "1", "--json"];
    at.ours.push(JSON.parse(await ours("bench", "--model", builtIn, ...options)));
    at.peer.push(JSON.parse(await peer(["speed", builtIn, String(threads), String(at.depth)])));
  }

const median = (speeds: readonly Speed[], what: keyof Speed) =>
  speeds.map((speed) => speed[what]).sort((a, b) => a - b)[speeds.length >> 1];

const rows = (["prefill", "decode"] as const).flatMap((what) =>
  measured.map(({ depth, ours, peer }) => {
    const [own, theirs, shallow] = [ours, peer, measured[0].ours].map((speeds) => median(speeds, what));
    return [
      `${what === "prefill" ? "prefill of 512" : "decode of 128"} behind ${depth}`,
      own.toFixed(1),
      theirs.toFixed(1),
      `${(own / theirs).toFixed(2)} × (≥ 1.2)`,
      `${(own / shallow).toFixed(2)} ×${depth === 1792 ? " (≥ 0.8)" : ""}`,
    ];
  }),
);
const { version } = JSON.parse(await readFile("bench/node_modules/node-llama-cpp/package.json", "utf8"));
const part = `# At depth

Written by \`npm run bench -- depth\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, ${cpus().length} cores, Node
${process.version}, the built-in model, ${threads} threads on both sides, against llama.cpp through node-llama-cpp ${version}, whose
cache is f16 too. In tokens a second, with the aims in brackets.

${table(["what", "Glassbox", "llama.cpp", "ratio", "against 512 deep"], rows)}
`;
await writePart(part);
console.log(`\n${part}`);
