// One conversation with a model: tokens in, tokens out, keeping keys and values of what it has read so that a prompt
// that begins as the last one did costs only what is new.

import { Interrupted, type Namespace, type Prepared } from "../device/device";
import { plan } from "../graph/plan";
import { state, type Tensor } from "../graph/tensor";
import type { Model } from "../models/model";
import { kvCache } from "../nn";
import { advance, gather, indexCopy, sample } from "../ops";
import { greedy, type Sampling, samplingState } from "./sampling";

export interface GenerateOptions {
  maxTokens: number;
  sampling?: Sampling;
  /** Tokens that end the text; they are not yielded. */
  stop?: ReadonlySet<number>;
  /** Decides the first tokens, instead of sampling. */
  constraint?: TokenConstraint;
  signal?: AbortSignal;
}

/** Decides the first tokens of a text. */
export interface TokenConstraint {
  readonly done: boolean;
  /** A token, given the logits of all. */
  choose(logits: Float32Array): number;
}

export interface Session {
  /** Tokens that a prompt and what is generated from it may have together. */
  readonly context: number;
  /** Logits a token has. May be more than the tokenizer has tokens: some checkpoints pad. */
  readonly vocab: number;
  /** The tokens whose keys and values are at hand. */
  readonly cached: readonly number[];
  /** Reads `tokens`, so that a prompt that begins with them starts at once. Throws the signal's reason where aborted. */
  prefill(tokens: readonly number[], signal?: AbortSignal): Promise<void>;
  /** Continues `prompt`, one token at a time. Throws ContextError, LogitsError, and the signal's reason where aborted. */
  generate(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<number, void>;
  /**
   * Logits (tokens, vocab) after each token, given in pieces of some rows to `each`, which is awaited. Throws ContextError,
   * LogitsError.
   */
  logits(tokens: readonly number[], each: (rows: Float32Array, first: number) => unknown): Promise<void>;
  /** Forgets what it has read: something else writes into its memory. */
  forget(): void;
  dispose(): void;
}

/** A prompt that does not fit. */
export class ContextError extends Error {
  override name = "ContextError";
}

/** A model that computes something other than numbers. The sentence is shown to the user. */
export class LogitsError extends Error {
  override name = "LogitsError";
  constructor() {
    super(
      "The model computes no numbers: its weights or its metadata are damaged, or an adapter's scale is too large. " +
        "Choose another file of this model, or a smaller scale",
    );
  }
}

/** Throws LogitsError where one is NaN or +∞, as `sample` does not choose a token then. */
function expectNumbers(logits: Float32Array): void {
  for (const logit of logits) if (!(logit < Infinity)) throw new LogitsError();
}

/** What a cancelled request may lose of what it has read, in milliseconds. */
const mostLost = 150;

/** Plans for so many different numbers of tokens are kept ready. */
const keptPlans = 24;

export interface SessionOptions {
  /** At most, and where not given, what the model was built for. */
  context?: number;
}

/** Sessions in different namespaces know nothing of each other; those in one share their memory, and take turns. */
export async function createSession(model: Model, device: Namespace, options: SessionOptions = {}): Promise<Session> {
  const { vocab } = model.config;
  const context = Math.min(options.context ?? Infinity, model.config.context);
  const sequence = state("sequence", [context, 1], "i32");
  const positions = state("positions", [device.chunk], "i32");
  const sampling = state("sampling", [8]);
  const hidden = (at: Tensor) =>
    model.forward(gather(sequence, at).reshape(at.shape[0]), { positions: at, cache: kvCache(context, at) });

  const decode = await device.prepare(plan(decodeStep()));
  const readers = keep((count) => device.prepare(plan({ x: hidden(positions.rows(0, count)) })));
  const scorers = keep((count) => device.prepare(plan({ logits: model.logits(hidden(positions.rows(0, count))) })));
  let cached: number[] = [];
  /** Tokens a millisecond, as the last chunk was read; a guess at first. */
  let speed = 0.64;

  /** Reads the token at the first position, chooses the next, writes it down and moves on. */
  function decodeStep(): { next: Tensor; sequence: Tensor } {
    const at = positions.rows(0, 1);
    const next = sample(model.logits(hidden(at)), sequence, at, sampling);
    return { next, sequence: indexCopy(sequence, next.reshape(1, 1), advance(at)) };
  }

  /** Runs what reads `tokens` at position `start`; what was cached from there on is forgotten first. */
  async function ingest<T>(run: () => Promise<T>, tokens: readonly number[], start: number, signal?: AbortSignal) {
    cached.length = start;
    for (;;) {
      signal?.throwIfAborted();
      device.write("sequence", Int32Array.from(tokens), start);
      device.write(
        "positions",
        Int32Array.from(tokens, (_, i) => start + i),
      );
      const finished = await attempt(run, signal);
      if (!finished) continue;
      cached.push(...tokens);
      return finished.result;
    }
  }

  /**
   * What a run comes to, or undefined where another thread has interrupted it, for this request or, by a hair, for the
   * one before: the signal, whose message arrives first, tells which. Letting messages in is also what lets it abort.
   */
  async function attempt<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<{ result: T } | undefined> {
    try {
      const result = await run();
      await nextTurn();
      return { result };
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      Atomics.store(device.interrupt, 0, 0);
      await nextTurn();
      signal?.throwIfAborted();
      return undefined;
    }
  }

  /** Logits after each of `tokens`, which stand at position `start`. */
  async function score(tokens: readonly number[], start: number, signal?: AbortSignal): Promise<Float32Array> {
    const scorer = await scorers(tokens.length);
    const run = async () => {
      await scorer.run();
      return (await scorer.read("logits")) as Float32Array; // at once: other sessions' plans use the same memory
    };
    const logits = await ingest(run, tokens, start, signal);
    expectNumbers(logits);
    return logits;
  }

  async function prefill(tokens: readonly number[], signal?: AbortSignal) {
    if (tokens.length > context)
      throw new ContextError(`The prompt has ${tokens.length} tokens; the context holds ${context}`);
    for (let start = sharedPrefix(cached, tokens); start < tokens.length; start = cached.length) {
      const chunk = tokens.slice(start, start + (signal ? interruptible() : device.chunk));
      const reader = await readers(chunk.length);
      const started = performance.now();
      await ingest(() => reader.run(), chunk, start, signal);
      if (chunk.length >= 16) speed = chunk.length / (performance.now() - started);
    }
  }

  /** Tokens to read at once where the request may be cancelled: about what takes `mostLost`, in few different sizes. */
  function interruptible(): number {
    const count = 2 ** Math.round(Math.log2(speed * mostLost));
    return Math.min(Math.max(count, 16), device.chunk);
  }

  async function* generate(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<number, void> {
    const { maxTokens, stop, constraint, signal } = options;
    if (!prompt.length) throw new ContextError("The prompt is empty; it needs at least one token");
    await prefill(prompt.slice(0, -1), signal);
    cached.length = Math.min(cached.length, prompt.length - 1);

    let last = prompt[prompt.length - 1];
    const end = Math.min(context, prompt.length + maxTokens);
    let at = prompt.length;
    for (; constraint && !constraint.done && at < end; at++) {
      last = constraint.choose(await score([last], at - 1, signal));
      yield last;
    }
    while (at < end) {
      const count = Math.min(device.stepsPerReadback, end - at);
      device.write("sampling", samplingState(options.sampling ?? greedy));
      device.write("sequence", Int32Array.of(last), at - 1);
      device.write("positions", Int32Array.of(at - 1));
      signal?.throwIfAborted();
      if (!(await attempt(() => decode.run(count), signal))) continue;
      for (const token of await device.readState("sequence", at, count)) {
        if (token < 0) throw new LogitsError();
        cached.push(last);
        if (stop?.has(token)) return;
        yield token;
        last = token;
        at++;
      }
    }
  }

  async function logits(tokens: readonly number[], each: (rows: Float32Array, first: number) => unknown) {
    if (tokens.length > context)
      throw new ContextError(`There are ${tokens.length} tokens; the context holds ${context}`);
    const rows = Math.min(device.chunk, 64); // logits of more rows at once would take too much memory
    for (let start = 0; start < tokens.length; start += rows) {
      const chunk = tokens.slice(start, start + rows);
      await each(await score(chunk, start), start);
    }
  }

  return {
    context,
    vocab,
    get cached() {
      return cached;
    },
    prefill,
    generate,
    logits,
    forget() {
      cached = [];
    },
    dispose() {
      for (const plans of [readers, scorers]) plans.dispose();
      decode.dispose();
      cached = [];
    },
  };
}

/** Lets messages and timers in. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** Remembers what `make` made for the last few numbers asked for. */
function keep<T extends Prepared>(make: (count: number) => Promise<T>) {
  const kept = new Map<number, T>();
  async function get(count: number): Promise<T> {
    const made = kept.get(count) ?? (await make(count));
    kept.delete(count);
    kept.set(count, made);
    for (const [oldest, value] of kept) {
      if (kept.size <= keptPlans) break;
      kept.delete(oldest);
      value.dispose();
    }
    return made;
  }
  function dispose() {
    for (const value of kept.values()) value.dispose();
  }
  return Object.assign(get, { dispose });
}
