// What runs plans. A device knows no op's meaning beyond its kernels.

import type { Plan } from "../graph/plan";
import type { StorageType } from "../graph/storage";
import type { Shape } from "../graph/tensor";

export type DeviceKind = "wasm" | "webgpu" | "reference";

/** A tensor on its way from a checkpoint to a device, which asks for the pieces it can handle. */
export interface StoredTensor {
  name: string;
  type: StorageType;
  shape: Shape;
  /** Bytes [from, from + length) in the storage type. */
  read(from: number, length: number): Promise<Uint8Array>;
}

/** A plan made ready: kernels compiled, memory set aside. */
export interface Prepared<Output extends string = string> {
  /**
   * Runs the plan `times` times, one after the other, with no word from the host between. Where a resumable plan's run
   * was interrupted, goes on where that stopped, to its end, and with the same result as if it had never stopped.
   */
  run(times?: number): Promise<void>;
  /** An output's values after a run, until another plan runs: all share their working memory, unless it is resumable. */
  read(output: Output): Promise<Float32Array | Int32Array>;
  dispose(): void;
}

export interface PrepareOptions {
  /**
   * For a run that takes long: it can be interrupted on every device, within some 30 ms, and resumed. Between, other
   * plans may run, so that it has working memory of its own; states that it touches must be left alone meanwhile.
   */
  resumable?: boolean;
}

/** What all namespaces of a device have in common. */
export interface DeviceProperties {
  readonly kind: DeviceKind;
  /** For people: "CPU, 2 threads", "NVIDIA H200". */
  readonly description: string;
  /** The most tokens that one run should read, so that it can be stopped in time. */
  readonly chunk: number;
  /** Decode steps to run before reading tokens back: more than one where a word with the host costs time. */
  readonly stepsPerReadback: number;
  /**
   * Shared memory in which any thread may set the first word to stop the run in progress, or else the next one; that
   * clears the word and throws Interrupted. A GPU does not stop for it, nor clears it, but in runs of resumable plans.
   */
  readonly interrupt: Int32Array<SharedArrayBuffer>;
  /** Bytes that the whole device holds. */
  memory(): number;
  /** Resolves, with a sentence, when the device can no longer be used. */
  readonly lost: Promise<string>;
}

/**
 * A part of a device in which names are looked up. What a namespace holds is its own, be there the same names in others:
 * so several models share a device, and several sessions a model.
 */
export interface Namespace extends DeviceProperties {
  /**
   * Puts a weight into the device's memory, in the device's own layout, in place of one that this namespace has of that
   * name. Throws the device's error, and holds on to nothing, where there is no room.
   */
  upload(tensor: StoredTensor): Promise<void>;
  /**
   * Sets aside what the plan needs. Its weights must have been uploaded, here or to a namespace around this one; its
   * constants and states are this namespace's own. A state is zero at first, and keeps its values for as long as a
   * prepared plan uses it. Throws the device's error, and holds on to nothing, where there is no room.
   */
  prepare<Output extends string>(plan: Plan<Output>, options?: PrepareOptions): Promise<Prepared<Output>>;
  /** Writes values into a state, from row-major index `at` on. */
  write(state: string, values: Float32Array | Int32Array, at?: number): void;
  /** `count` values of a state from index `at` on. */
  readState(state: string, at: number, count: number): Promise<Float32Array | Int32Array>;
  /** A new namespace in this one, whose weights its plans may use. */
  namespace(): Namespace;
  /** Frees the weights and plans of this namespace and of those in it. */
  dispose(): void;
}

/** The outermost namespace. */
export interface Device extends Omit<Namespace, "dispose"> {
  /** Ends the device's threads, or closes the GPU. Nothing of it may be used afterwards. */
  dispose(): Promise<void>;
}

/** The run was stopped through `Device.interrupt`; states hold what it has written so far. */
export class Interrupted extends Error {
  override name = "Interrupted";
  /** `left`: calls of the plan that the run has not done, or not to their end. */
  constructor(readonly left: number) {
    super("The run was interrupted");
  }
}
