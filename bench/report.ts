// Writes the benchmark's results as Markdown.

import { cpus } from "node:os";
import type { accuracy } from "./accuracy";
import { type Keystrokes, rows } from "./keystroke";
import type { Comparison } from "./speed";
import type { Trained, training } from "./training";

/** The targets: our speed divided by the peer's. */
const targets: Record<string, { prefill: number; decode: number }> = {
  "built-in (135M, Q4_1)": { prefill: 0.8, decode: 1 },
  "0.5B Q8_0": { prefill: 0.6, decode: 1 },
  "0.5B Q4_0": { prefill: 0.8, decode: 1 },
};

export function report(
  measured: Record<string, Comparison>,
  typed: Keystrokes,
  trained: Awaited<ReturnType<typeof training>>,
  agreed: Awaited<ReturnType<typeof accuracy>>,
  peer: string,
): string {
  const compared = Object.entries(measured).flatMap(([model, { ours, peer, peerThreads }]) =>
    (["prefill", "decode"] as const).map((what) =>
      row(
        model,
        what === "prefill" ? "prefill of 512" : "decode of 128 after it",
        ours[what].toFixed(1),
        `${peer[what].toFixed(1)} (${peerThreads[what]} threads)`,
        `${(ours[what] / peer[what]).toFixed(2)} ×`,
        `≥ ${targets[model][what].toFixed(1)} ×`,
      ),
    ),
  );
  const alone = Object.entries(measured).map(([model, { ours }]) =>
    row(
      model,
      `${ours.firstTokenMs.toFixed(0)} ms`,
      `${((ours.residentBytes - ours.weightBytes) / 1e6).toFixed(0)} MB (≤ 300 MB)`,
    ),
  );
  const agreement = ({ sameTop, divergence }: { sameTop: number; divergence: number }) => [
    `${(100 * sameTop).toFixed(2)} %`,
    divergence.toExponential(2),
  ];
  return `# Results

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, ${cpus().length} cores, Node
${process.version}, against llama.cpp through ${peer} on the same files in the same run: in turns, a process a
measurement, medians. Ours on 2 threads; the peer on 1 and 2 with \`UV_THREADPOOL_SIZE=1\`, its better counts.
The 0.5B models have random weights in the shape of Qwen2.5-0.5B.

## Speed, tokens a second

${row("model", "what", "Glassbox", "llama.cpp", "ratio", "aim")}
${row("---", "---", "--:", "--:", "--:", "--:")}
${compared.join("\n")}

${row("model", "first token after 512", "memory over the weights' size")}
${row("---", "--:", "--:")}
${alone.join("\n")}

## Latency while typing: the server with the built-in model, a completion requested after every key in a file of 300 lines

${row("what", "median", "95th percentile", "aim")}
${row("---", "--:", "--:", "--:")}
${rows(typed)
  .map((cells) => row(...cells))
  .join("\n")}

## Training: LoRA of rank 8 on the built-in model, 4 × 512 tokens a step, 2 threads

${trained ? trainingRows(trained).join("\n") : "Not measured: no Python was named in GLASSBOX_PYTHON (bench/README.md)."}

## Accuracy: the built-in model after each of ${agreed.tokens} tokens of real code

${row("against llama.cpp", "same most likely token", "mean divergence, nats")}
${row("---", "--:", "--:")}
${row("Glassbox", ...agreement(agreed.ours))}
${row("aim", "≥ 99 %", "≤ 2e-3")}
${row("llama.cpp built for a processor with AVX alone", ...agreement(agreed.anotherBuild))}

The last line is the noise of the comparison: both round activations to 8 bits before every matrix, and two of
llama.cpp's own builds that add in another order end that far apart. Where nothing is rounded, in llama.cpp on the same
weights decoded to F32, the model says this:

${row("against llama.cpp on the decoded weights", "same most likely token", "mean divergence, nats")}
${row("---", "--:", "--:")}
${row("Glassbox on the decoded weights", ...agreement(agreed.oursDecoded))}
${row("Glassbox on the file", ...agreement(agreed.oursUnrounded))}
${row("llama.cpp on the file", ...agreement(agreed.peerUnrounded))}
`;
}

function trainingRows({ ours, peer }: NonNullable<Awaited<ReturnType<typeof training>>>): string[] {
  const cells = (name: string, { tokensPerSecond, peakBytes, weightBytes }: Trained) =>
    row(name, tokensPerSecond.toFixed(1), `${((peakBytes - weightBytes) / 1e6).toFixed(0)} MB`);
  const ratio = `${(ours.tokensPerSecond / peer.tokensPerSecond).toFixed(2)} ×`;
  return [
    row("", "tokens a second", "memory over the weights' size"),
    row("---", "--:", "--:"),
    cells("Glassbox, base in Q4_1", ours),
    cells("PyTorch and peft, base in F32", peer),
    row("ratio", ratio, ""),
    row("aim", "≥ 0.5 ×", "≤ 1,500 MB"),
  ];
}

const row = (...cells: string[]) => `| ${cells.join(" | ")} |`;
