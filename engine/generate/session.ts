// A generation session: tokens in, tokens out. It keeps the KV cache from prompt to prompt, so that of a prompt that
// begins like the last one only the new tokens are computed.

import { Interrupted, type Namespace, type Prepared } from "../device/device";
import { plan } from "../graph/plan";
import { state, type Tensor } from "../graph/tensor";
import type { Model } from "../models/model";
import { nextTurn } from "../nextTurn";
import { type CacheType, kvCache } from "../nn";
import { advance, gather, indexCopy, sample } from "../ops";
import { greedy, type Sampling, samplingState } from "./sampling";

/** A token that the model wrote. */
export interface Written {
  id: number;
  /**
   * The natural logarithm of its probability, whatever the sampling: among all tokens or, where a constraint chose it,
   * among those that the constraint allowed.
   */
  logProbability: number;
}

export interface GenerateOptions {
  maxTokens: number;
  sampling?: Sampling;
  /** Tokens that end generation. They are not yielded. */
  stop?: ReadonlySet<number>;
  /** Chooses the first tokens instead of sampling. */
  constraint?: TokenConstraint;
  signal?: AbortSignal;
}

/** Chooses the first tokens of a generation. */
export interface TokenConstraint {
  /** Whether the tokens after are sampled again. */
  readonly done: boolean;
  /** The next token, given the logits (vocab). */
  choose(logits: Float32Array): Written;
}

export interface Session {
  /** How many tokens a prompt and its continuation may have together. */
  readonly context: number;
  /** How many logits there are. The tokenizer may have fewer tokens: some checkpoints pad their vocabulary. */
  readonly vocab: number;
  /** The tokens whose keys and values are in the KV cache. */
  readonly cached: readonly number[];
  /**
   * Fills the KV cache with `tokens`, so that a prompt that begins with them starts at once. Throws ContextError where
   * they do not fit, and the signal's reason where it is aborted.
   */
  prefill(tokens: readonly number[], signal?: AbortSignal): Promise<Prefill>;
  /**
   * Continues `prompt`, and yields one token after the other. Throws ContextError where the prompt is empty or does not
   * fit, LogitsError, and the signal's reason where it is aborted.
   */
  generate(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<Written, void>;
  /**
   * Computes the logits (tokens, vocab) after each token. Calls `each` with some rows at a time and the index of the
   * first, and awaits it. Throws ContextError where the tokens do not fit, and LogitsError.
   */
  logits(tokens: readonly number[], each: (rows: Float32Array, first: number) => unknown): Promise<void>;
  /** Empties the KV cache, because something else writes into its memory. */
  forget(): void;
  dispose(): void;
}

/** How a prompt's tokens came into the KV cache. */
export interface Prefill {
  /** Tokens at its start whose keys and values were in the cache. */
  reused: number;
  /** Tokens that were computed. */
  read: number;
}

/** A prompt is empty or longer than the context. The message is for the user. */
export class ContextError extends Error {
  override name = "ContextError";
}

/** A model computes NaN or +∞. The message is for the user. */
export class LogitsError extends Error {
  override name = "LogitsError";
  constructor() {
    super(
      "The model computes no numbers: its weights or its metadata are damaged, or an adapter's scale is too large. " +
        "Choose another file of this model, or a smaller scale",
    );
  }
}

/** Throws LogitsError where a logit is NaN or +∞: the same rule as the op `sample` has. */
function expectNumbers(logits: Float32Array): void {
  for (const logit of logits) if (!(logit < Infinity)) throw new LogitsError();
}

/** How many milliseconds of prefill a cancelled request may lose. */
const maxLost = 150;

/** How many prepared plans are kept, each for another number of tokens. */
const maxPlans = 24;

export interface SessionOptions {
  /** How many tokens the KV cache holds: at most, and by default, the context that the model was built with. */
  context?: number;
  /** Of the keys and values in the KV cache, f16 where not given. With f32 the model computes as in training. */
  cacheType?: CacheType;
}

/**
 * Prepares a model's plans. Sessions in different namespaces are independent; those in one share their KV cache, so that
 * only one of them may be used at a time, and `forget` must be called in between. Throws DeviceMemoryError or
 * GpuMemoryError.
 */
export async function createSession(model: Model, device: Namespace, options: SessionOptions = {}): Promise<Session> {
  const { vocab } = model.config;
  const { cacheType = "f16" } = options;
  const context = Math.min(options.context ?? Infinity, model.config.context);
  const sequence = state("sequence", [context, 1], "i32");
  const logProbabilities = state("logProbabilities", [context, 1]);
  const positions = state("positions", [device.chunk], "i32");
  const sampling = state("sampling", [8]);
  const hidden = (at: Tensor) =>
    model.forward(gather(sequence, at).reshape(at.shape[0]), { positions: at, cache: kvCache(context, at, cacheType) });

  const decode = await device.prepare(plan(decodeStep()));
  const readers = keep((count) => device.prepare(plan({ x: hidden(positions.rows(0, count)) })));
  const scorers = keep((count) => device.prepare(plan({ logits: model.logits(hidden(positions.rows(0, count))) })));
  let cached: number[] = [];
  /** Prefill's speed in tokens a millisecond, as measured at the last chunk; a guess at first. */
  let speed = 0.64;

  /** One step: computes the token at the first position, samples the next one, appends it, and advances the position. */
  function decodeStep(): { sequence: Tensor; logProbabilities: Tensor } {
    const at = positions.rows(0, 1);
    const { token, logProbability } = sample(model.logits(hidden(at)), sequence, at, sampling);
    const next = advance(at);
    return {
      sequence: indexCopy(sequence, token.reshape(1, 1), next),
      logProbabilities: indexCopy(logProbabilities, logProbability.reshape(1, 1), next),
    };
  }

  /** Runs a plan on `tokens`, which begin at position `start`. They replace what the cache holds from there on. */
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
   * The result of a run, or undefined where it was interrupted and must be repeated. An interrupt may be meant for this
   * request, or arrive late for the one before. The signal tells: its message arrives before the interrupt, and is
   * handled when this yields to the event loop. Throws the signal's reason where it is aborted.
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

  /** The logits (tokens, vocab) after each of `tokens`, which begin at position `start`. */
  async function score(tokens: readonly number[], start: number, signal?: AbortSignal): Promise<Float32Array> {
    const scorer = await scorers(tokens.length);
    const run = async () => {
      await scorer.run();
      return (await scorer.read("logits")) as Float32Array; // at once, for other sessions' plans use the same memory
    };
    const logits = await ingest(run, tokens, start, signal);
    expectNumbers(logits);
    return logits;
  }

  async function prefill(tokens: readonly number[], signal?: AbortSignal): Promise<Prefill> {
    if (tokens.length > context)
      throw new ContextError(`The prompt has ${tokens.length} tokens; the context holds ${context}`);
    const reused = sharedPrefix(cached, tokens);
    for (let start = reused; start < tokens.length; start = cached.length) {
      const chunk = tokens.slice(start, start + (signal ? interruptible() : device.chunk));
      const reader = await readers(chunk.length);
      const started = performance.now();
      await ingest(() => reader.run(), chunk, start, signal);
      if (chunk.length >= 16) speed = chunk.length / (performance.now() - started);
    }
    return { reused, read: tokens.length - reused };
  }

  /**
   * The chunk size of a request that may be cancelled: about `maxLost` long, and a power of 2, so that plans are few.
   */
  function interruptible(): number {
    const count = 2 ** Math.round(Math.log2(speed * maxLost));
    return Math.min(Math.max(count, 16), device.chunk);
  }

  async function* generate(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<Written, void> {
    const { maxTokens, stop, constraint, signal } = options;
    if (!prompt.length) throw new ContextError("The prompt is empty; it needs at least one token");
    await prefill(prompt.slice(0, -1), signal);
    cached.length = Math.min(cached.length, prompt.length - 1);

    let last = prompt[prompt.length - 1];
    const end = Math.min(context, prompt.length + maxTokens);
    let at = prompt.length;
    for (; constraint && !constraint.done && at < end; at++) {
      const chosen = constraint.choose(await score([last], at - 1, signal));
      last = chosen.id;
      yield chosen;
    }
    while (at < end) {
      const count = Math.min(device.stepsPerReadback, end - at);
      device.write("sampling", samplingState(options.sampling ?? greedy));
      device.write("sequence", Int32Array.of(last), at - 1);
      device.write("positions", Int32Array.of(at - 1));
      signal?.throwIfAborted();
      if (!(await attempt(() => decode.run(count), signal))) continue;
      const ids = device.readState("sequence", at, count);
      const [written, probabilities] = await Promise.all([ids, device.readState("logProbabilities", at, count)]);
      for (const [i, id] of written.entries()) {
        if (id < 0) throw new LogitsError();
        cached.push(last);
        if (stop?.has(id)) return;
        yield { id, logProbability: probabilities[i] };
        last = id;
        at++;
      }
    }
  }

  async function logits(tokens: readonly number[], each: (rows: Float32Array, first: number) => unknown) {
    if (tokens.length > context)
      throw new ContextError(`There are ${tokens.length} tokens; the context holds ${context}`);
    const rows = Math.min(device.chunk, 64); // the logits of more rows would take too much memory
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

/** The length of the longest common prefix. */
export function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** A least-recently-used cache of the plans that `make` prepares, by number of tokens. */
function keep<T extends Prepared>(make: (count: number) => Promise<T>) {
  const kept = new Map<number, T>();
  async function get(count: number): Promise<T> {
    const made = kept.get(count) ?? (await make(count));
    kept.delete(count);
    kept.set(count, made);
    for (const [oldest, value] of kept) {
      if (kept.size <= maxPlans) break;
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
