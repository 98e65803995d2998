// The host of the model in use, with real workers and a tiny model.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import type { Status } from "../../../protocol";
import type { Completion, CompletionRequest } from "../../../server/completion/types";
import { createHost, type Host } from "../../../server/engine/host";
import { defaults } from "../../../server/settings";
import { reportStatus } from "../../../server/status";
import { at } from "../completion/place";

const settings = {
  ...defaults,
  device: "cpu" as const,
  model: { path: "test/engine/models/fixtures/llama.gguf", fillInMiddle: true, context: 256 },
};

/** The last worker that the host has started. */
let worker: Worker | undefined;
process.on("worker", (started: Worker) => {
  worker = started;
});

interface Hosted {
  host: Host;
  loads(): number;
  /** Resolves with the last status if it matches, or with the next one that does. */
  until(matches: (status: Status) => boolean): Promise<Status>;
  complete(request?: Partial<CompletionRequest>): Promise<Completion>;
}

/** Runs a test with a host of its own. */
async function withHost(use: (hosted: Hosted) => Promise<void>) {
  let last: Status | undefined;
  const waiting = new Set<() => void>();
  let loads = 0;
  const host = createHost({
    status: reportStatus((status) => {
      last = status;
      for (const wake of waiting) wake();
    }),
    storage: () => undefined,
    log: () => {},
    adapters: async () => [],
    onLoad: () => loads++,
    onAdapt: () => {},
  });
  try {
    await use({
      host,
      loads: () => loads,
      async until(matches) {
        while (!last || !matches(last)) await new Promise<void>((resolve) => waiting.add(resolve));
        return last;
      },
      complete: (request) =>
        host.engine!.complete({
          ...{
            source: at("const a = |"),
            pieces: [],
            budget: 200,
            maxTokens: 4,
            multiline: false,
            invoked: false,
            least: -Infinity,
          },
          ...request,
        }),
    });
  } finally {
    await host.dispose();
  }
}

const recovered = ({ state, problem }: Status) => state === "ready" && problem !== undefined;

test("host: it loads the model of the settings once", () =>
  withHost(async ({ host, loads, complete }) => {
    await host.applySettings(settings);
    await host.applySettings({ ...settings });
    assert.equal(loads(), 1);
    assert.ok((await complete()).generated > 0);
    assert.equal(host.engine!.context, 256); // the model's own context is smaller than that of the settings
  }));

test("host: when the worker ends, its requests fail and the model is loaded again", () =>
  withHost(async ({ host, loads, until, complete }) => {
    await host.applySettings(settings);
    const running = complete({ maxTokens: 500, multiline: true, invoked: false });
    await worker!.terminate();
    await assert.rejects(running, /The engine ended/);
    const { problem } = await until(recovered);
    assert.match(problem!.message, /^The engine ended with code 1\. It was loaded again\.$/);
    assert.ok((await complete()).generated > 0);
    assert.equal(loads(), 2);
  }));

test("host: after a GPU is lost, the model runs on the CPU until a restart, whatever the settings say", () =>
  withHost(async ({ host, until, complete }) => {
    await host.applySettings({ ...settings, device: "gpu" });
    assert.equal(host.engine!.device.kind, "gpu");
    await complete();
    await worker!.terminate();
    const { device, problem } = await until(recovered);
    assert.equal(device!.kind, "cpu");
    assert.match(problem!.message, /It runs on the CPU now; Restart tries the GPU again\.$/);
    assert.ok((await complete()).generated > 0);
    await host.applySettings({ ...settings, device: "gpu" });
    assert.equal(host.engine!.device.kind, "cpu");
  }));

test("host: a model that is lost too often is not loaded again, and another can be selected", () =>
  withHost(async ({ host, loads, until, complete }) => {
    await host.applySettings(settings);
    for (let losses = 1; losses <= 4; losses++) {
      const before = loads();
      await complete();
      await worker!.terminate();
      if (losses < 4) await until(({ state }) => state === "ready" && loads() > before);
    }
    const { problem, model } = await until(({ state }) => state === "error");
    assert.equal(problem!.action, "restart");
    assert.match(problem!.message, /stopped 4 times/);
    assert.equal(model, undefined);
    assert.equal(host.engine, undefined);
    const result = await host.select("test/engine/models/fixtures/qwen2.gguf");
    assert.ok("model" in result, JSON.stringify(result));
    assert.ok((await complete()).generated > 0);
  }));

test("host: the later of two selections wins", () =>
  withHost(async ({ host, until }) => {
    await host.applySettings(settings);
    const [first, second] = await Promise.all([
      host.select("test/engine/models/fixtures/qwen2.gguf"),
      host.select("test/engine/models/fixtures/llama-mqa.gguf"),
    ]);
    assert.ok("problem" in first);
    assert.ok("model" in second);
    assert.match(host.engine!.request.path, /llama-mqa/);
    assert.equal((await until(() => true)).problem, undefined);
  }));
