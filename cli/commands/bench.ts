import { type Command, countOf, jsonOption, modelOptions, UsageError, withEngine } from "../command";
import { oneLine, print } from "../terminal";

export const bench: Command = {
  summary: "Measure prefill and decode in tokens per second, time to the first token, and memory.",
  usage: "[--model M] [--json]",
  options: {
    prefill: { type: "string", help: "tokens to read (512)" },
    decode: { type: "string", help: "tokens to write (128)" },
    depth: { type: "string", help: "tokens in the KV cache before those that are read, and before those written" },
    rounds: { type: "string", help: "rounds after a first one to warm up; the median counts (3)" },
    ...jsonOption,
    ...modelOptions,
  },
  async run(args) {
    const sizes = { prefill: countOf(args.values, "prefill", 512), decode: countOf(args.values, "decode", 128) };
    const depth = args.values.depth === undefined ? undefined : countOf(args.values, "depth", 0);
    const rounds = countOf(args.values, "rounds", 3);
    const started = performance.now();
    const result = await withEngine(args, async (engine) => {
      const load = performance.now() - started;
      const tokens = (depth ?? 0) + sizes.prefill + sizes.decode + 2;
      if (tokens > engine.session.context)
        throw new UsageError(`${tokens} tokens do not fit into the context of ${engine.session.context}`);
      const runs = [];
      for (let round = 0; round <= rounds; round++) runs.push(await measure(round));
      const counted = runs.slice(1);
      return {
        model: engine.info.name,
        device: engine.device.description,
        prefill: median(counted.map((run) => run.prefill)),
        decode: median(counted.map((run) => run.decode)),
        firstTokenMs: median(counted.map((run) => run.firstToken)),
        loadMs: load,
        deviceBytes: engine.memory(),
        residentBytes: process.memoryUsage.rss(),
        weightBytes: engine.info.bytes,
      };

      /** Measures one round. Each has another prompt, so that none reuses the KV cache of the one before. */
      async function measure(round: number) {
        const { session, tokenizer } = engine;
        const prompt = Array.from(
          { length: (depth ?? 0) + sizes.prefill },
          (_, i) => (i * 7919 + round * 31 + 1) % tokenizer.vocabSize,
        );
        await session.prefill(prompt.slice(0, depth ?? 0));
        const start = performance.now();
        await session.prefill(prompt);
        const read = performance.now();
        const writing = session.generate([...prompt.slice(0, depth), 1], { maxTokens: sizes.decode + 1 });
        await writing.next();
        const first = performance.now();
        for await (const _ of writing);
        const end = performance.now();
        return {
          prefill: (sizes.prefill / (read - start)) * 1000,
          decode: (sizes.decode / (end - first)) * 1000,
          firstToken: first - start,
        };
      }
    });
    if (args.values.json) return print(JSON.stringify(result));
    print(`${oneLine(result.model)} on ${result.device}
prefill      ${result.prefill.toFixed(1)} tokens/s (${sizes.prefill} tokens)
decode       ${result.decode.toFixed(1)} tokens/s (${sizes.decode} tokens)
first token  ${result.firstTokenMs.toFixed(0)} ms
loaded in    ${result.loadMs.toFixed(0)} ms
memory       ${mega(result.residentBytes)} resident, of which the device ${mega(result.deviceBytes)}; weights on disk ${mega(result.weightBytes)}`);
  },
};

const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
