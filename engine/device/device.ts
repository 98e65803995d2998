// The interface of devices, which run plans. A device knows an op only by its kernels.

import type { Plan } from "../graph/plan";
import type { StorageType } from "../graph/storage";
import type { Shape } from "../graph/tensor";

export type DeviceKind = "wasm" | "webgpu" | "reference";

/** A weight of a checkpoint. A device reads it piece by piece, so that it is never in the host's memory as a whole. */
export interface StoredTensor {
  name: string;
  type: StorageType;
  shape: Shape;
  /** Bytes [from, from + length) in the storage type. */
  read(from: number, length: number): Promise<Uint8Array>;
}

/** A plan that is ready to run: its kernels are compiled and its memory is allocated. */
export interface Prepared<Output extends string = string> {
  /**
   * Runs the plan `times` times in a row without returning to the host in between. After a resumable plan's run was
   * interrupted, this continues it to its end instead; the result is the same as without the interruption. Throws
   * Interrupted, or an Error where the device has been lost.
   */
  run(times?: number): Promise<void>;
  /**
   * An output's values after a run. They are lost when another plan runs, for plans share their working memory; only a
   * resumable plan keeps them.
   */
  read(output: Output): Promise<Float32Array | Int32Array>;
  dispose(): void;
}

export interface PrepareOptions {
  /**
   * For long runs: on every device they can be interrupted within some 30 ms, and resumed. Other plans may run in
   * between, so a resumable plan has working memory of its own; nothing else may write its states in between.
   */
  resumable?: boolean;
}

/** The properties of a device, which all its namespaces share. */
export interface DeviceProperties {
  readonly kind: DeviceKind;
  /** For people: "CPU, 2 threads", "NVIDIA H200". */
  readonly description: string;
  /** How many tokens a run of prefill should read at most, so that it can be cancelled in time. */
  readonly chunk: number;
  /** Decode steps to run before their tokens are read back: more than one where a readback is slow. */
  readonly stepsPerReadback: number;
  /**
   * Any thread may set the first word of this shared memory to a value other than 0. That stops the run in progress, or
   * else the next one, which resets the word to 0 and throws Interrupted. A GPU heeds it in runs of resumable plans only.
   */
  readonly interrupt: Int32Array<SharedArrayBuffer>;
  /** Bytes that are allocated on the whole device. */
  memory(): number;
  /** Resolves with a message for the user when the device can no longer be used. */
  readonly lost: Promise<string>;
}

/**
 * The scope in which the names of weights, constants and states are looked up. The same name in two namespaces stands for
 * two things, so that several models can share a device, and several sessions a model.
 */
export interface Namespace extends DeviceProperties {
  /**
   * Copies a weight into the device's memory, in the device's own layout. Throws an Error where this namespace has a
   * weight of that name, DeviceMemoryError or GpuMemoryError where memory is short; then nothing stays allocated.
   */
  upload(tensor: StoredTensor): Promise<void>;
  /**
   * Compiles a plan's kernels and allocates its memory. Its weights must have been uploaded, to this namespace or to one
   * that encloses it; its constants and states belong to this one. A state is zero at first, and keeps its values for as
   * long as a prepared plan uses it. Throws an Error where a weight is missing, or is stored in a type
   * that the op cannot read; DeviceMemoryError or GpuMemoryError where memory is short. Then nothing stays allocated.
   */
  prepare<Output extends string>(plan: Plan<Output>, options?: PrepareOptions): Promise<Prepared<Output>>;
  /**
   * Writes values into a state of a prepared plan, from row-major index `at` on. Throws RangeError past its end, and
   * where values of an f16 state are not whole rows of its innermost dimension.
   */
  write(state: string, values: Float32Array | Int32Array, at?: number): void;
  /** Reads `count` values of a state, from row-major index `at` on. Throws RangeError past its end. */
  readState(state: string, at: number, count: number): Promise<Float32Array | Int32Array>;
  /** A new namespace inside this one. Its plans may use the weights of both. */
  namespace(): Namespace;
  /** Frees the weights and plans of this namespace and of those inside it. */
  dispose(): void;
}

/** A device is the namespace that encloses all others. */
export interface Device extends Omit<Namespace, "dispose"> {
  /** Ends the device's threads, or closes the GPU. The device must not be used afterwards. */
  dispose(): Promise<void>;
}

/** A run was stopped through `Device.interrupt`. States hold what it has written so far. */
export class Interrupted extends Error {
  override name = "Interrupted";
  /** `left`: how many of the plan's calls the run has not finished. */
  constructor(readonly left: number) {
    super("The run was interrupted");
  }
}
