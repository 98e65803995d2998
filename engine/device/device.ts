// What runs plans. A device knows no op's meaning beyond its kernels.

import type { Plan } from "../plan";
import type { StorageType } from "../storage";
import type { Shape } from "../tensor";

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
  /** Runs the plan `times` times, one after the other, with no word from the host between. */
  run(times?: number): Promise<void>;
  /** An output's values after a run. */
  read(output: Output): Promise<Float32Array | Int32Array>;
  dispose(): void;
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
  /** Sets aside what the plan needs; its weights must have been uploaded. States it shares with other plans keep their values. */
  prepare<Output extends string>(plan: Plan<Output>): Promise<Prepared<Output>>;
  /** Writes values into a state, from row-major index `at` on. */
  write(state: string, values: Float32Array | Int32Array, at?: number): void;
  /** `count` values of a state from index `at` on. */
  readState(state: string, at: number, count: number): Promise<Float32Array | Int32Array>;
  /**
   * Shared memory in which any thread may set the first word to stop the run in progress; the run then throws
   * Interrupted. Absent where a run cannot be stopped from outside.
   */
  readonly interrupt?: Int32Array<SharedArrayBuffer>;
  /** Bytes that the device holds. */
  memory(): number;
  /** Resolves, with a sentence, when the device can no longer be used. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/** The run was stopped through `Device.interrupt`; states hold what it had written so far. */
export class Interrupted extends Error {
  override name = "Interrupted";
}
