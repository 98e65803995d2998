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
  /** An output's values after a run. */
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

export interface Device {
  readonly kind: DeviceKind;
  /** For people: "CPU, 2 threads", "NVIDIA H200". */
  readonly description: string;
  /** The most tokens that one run should read, so that it can be stopped in time. */
  readonly chunk: number;
  /** Decode steps to run before reading tokens back: more than one where a word with the host costs time. */
  readonly stride: number;
  /** Puts a weight into the device's memory, in the device's own layout. */
  upload(tensor: StoredTensor): Promise<void>;
  /**
   * Sets aside what the plan needs; its weights must have been uploaded. A state is zero at first, and keeps its values
   * for as long as a prepared plan uses it.
   */
  prepare<Output extends string>(plan: Plan<Output>, options?: PrepareOptions): Promise<Prepared<Output>>;
  /** Writes values into a state, from row-major index `at` on. */
  write(state: string, values: Float32Array | Int32Array, at?: number): void;
  /** `count` values of a state from index `at` on. */
  readState(state: string, at: number, count: number): Promise<Float32Array | Int32Array>;
  /**
   * Shared memory in which any thread may set the first word to stop the run in progress, or else the next one; that
   * clears the word and throws Interrupted. A GPU does not stop for it, nor clears it, but in runs of resumable plans.
   */
  readonly interrupt: Int32Array<SharedArrayBuffer>;
  /** Bytes that the device holds. */
  memory(): number;
  /** Resolves, with a sentence, when the device can no longer be used. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/** The run was stopped through `Device.interrupt`; states hold what it has written so far. */
export class Interrupted extends Error {
  override name = "Interrupted";
}
