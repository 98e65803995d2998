// Namespaces: they map names to memory of a device, count who uses it, and free it exactly once, whatever fails.

import type { Operand, Place, Plan } from "../graph/plan";
import type { StorageType } from "../graph/storage";
import { type DType, type Shape, sizeOf, type Tensor } from "../graph/tensor";
import type { DeviceProperties, Namespace, Prepared, PrepareOptions, StoredTensor } from "./device";

/** What each kind of device implements. A `P` is a place in its memory. */
export interface Backend<P> {
  upload(tensor: StoredTensor): Promise<P>;
  /** Allocates a constant, which gets its values, or a state, which is all zero. */
  allocate(tensor: Tensor): Promise<P>;
  free(place: P): void;
  prepare<Output extends string>(
    plan: Plan<Output>,
    options: PrepareOptions,
    placeOf: (operand: NamedOperand) => P,
  ): Promise<Prepared<Output>>;
  write(place: P, values: Float32Array | Int32Array, at: number): void;
  read(place: P, at: number, count: number): Promise<Float32Array | Int32Array>;
}

/** A weight, constant or state: an operand whose values outlive a run. */
export type NamedOperand = Operand & { place: Exclude<Place, { kind: "slot" }> };

/** The layout of an operand's values. */
export const layoutOf = (operand: Operand, placeOf: (operand: NamedOperand) => { layout: string }): string =>
  operand.place.kind === "slot" ? operand.dtype : placeOf(operand as NamedOperand).layout;

/** A weight, as it was uploaded. */
interface Weight<P> {
  place: P;
  type: StorageType;
  shape: Shape;
}

/** A constant or a state. */
interface Allocation<P> {
  shape: Shape;
  dtype: DType;
  made: Promise<P>;
  /** Undefined until `made` resolves. */
  place?: P;
  /** How many prepared plans use it. */
  users: number;
}

/** A namespace, with what the namespaces inside it need. */
interface Scope<P> extends Namespace {
  weight(name: string): Weight<P> | undefined;
  /** Calls `release` when this namespace is disposed of, or when the returned function is called, whichever is first. */
  own(release: () => void): () => void;
}

export const createNamespace = <P>(backend: Backend<P>, properties: DeviceProperties): Namespace =>
  createScope(backend, properties, undefined);

function createScope<P>(backend: Backend<P>, properties: DeviceProperties, outer: Scope<P> | undefined): Scope<P> {
  const weights = new Map<string, Weight<P>>();
  const allocations = new Map<string, Allocation<P>>();
  const owned = new Set<() => void>();
  let disposed = false;

  function own(release: () => void): () => void {
    if (disposed) {
      release();
      throw new Error("The model, or the session, has been disposed of");
    }
    let inOuter: (() => void) | undefined;
    const once = () => {
      if (!owned.delete(once)) return;
      inOuter?.();
      release();
    };
    owned.add(once);
    inOuter = outer?.own(once);
    return once;
  }

  async function upload(tensor: StoredTensor) {
    const { name, type, shape } = tensor;
    if (weights.has(name)) throw new Error(`The weight ${name} has been uploaded already`);
    const place = await backend.upload(tensor);
    weights.set(name, { place, type, shape });
    own(() => {
      weights.delete(name);
      backend.free(place);
    });
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    options: PrepareOptions = {},
  ): Promise<Prepared<Output>> {
    expectReadable(plan);
    const release = await hold(plan.namedTensors);
    const prepared = await backend.prepare(plan, options, placeOf).catch((error) => {
      release();
      throw error;
    });
    const dispose = own(() => {
      prepared.dispose();
      release();
    });
    return { ...prepared, dispose };
  }

  /**
   * Throws an Error unless the plan's weights have been uploaded, and each can be read where the plan reads it. Devices
   * keep a matrix in the blocks of its storage type: only some ops read those, and only from the first on.
   */
  function expectReadable({ steps, outputs, namedTensors }: Plan) {
    const shapeOf = new Map(namedTensors.map(({ source, shape }) => ["name" in source && source.name, shape]));
    const expectFloats = (reader: string, operand: Operand) => {
      const blocks = blocksOf(operand);
      if (blocks) throw new Error(`${reader}: expected f32, got ${blocks.name}, which is stored as ${blocks.type}`);
    };
    for (const { op, inputs } of steps)
      for (const [i, operand] of inputs.entries()) {
        if (i !== op.storedInput) expectFloats(op.name, operand);
        const blocks = blocksOf(operand);
        if (blocks && sizeOf(operand.shape) !== sizeOf(blocks.shape))
          throw new Error(`${op.name}: ${blocks.name}, which is stored as ${blocks.type}, can only be read whole`);
        const { place, dtype, shape } = operand;
        if (place.kind !== "state" || dtype !== "f16") continue;
        if (!op.f16Inputs?.includes(i))
          throw new Error(`${op.name}: expected f32, got the state ${place.name}, which is f16`);
        if (shape.join() !== shapeOf.get(place.name)!.join())
          throw new Error(
            `${op.name}: the state ${place.name}, which is f16, can only be read whole, in its own shape`,
          );
      }
    for (const [name, operand] of Object.entries(outputs)) expectFloats(`The output ${name}`, operand);
  }

  /** The weight that an operand reads, where the device keeps it in blocks: vectors are decoded when they are uploaded. */
  function blocksOf({ place }: Operand) {
    if (place.kind !== "weight") return undefined;
    const { type, shape } = weightAt(place.name);
    return type === "f32" || shape.length === 1 ? undefined : { name: `the weight ${place.name}`, type, shape };
  }

  const placeOf = ({ place: { kind, name } }: NamedOperand): P =>
    kind === "weight" ? weightAt(name).place : allocationOf(name).place!;

  function weightAt(name: string): Weight<P> {
    const found = weight(name);
    if (!found) throw new Error(`The weight ${name} has not been uploaded`);
    return found;
  }

  const weight = (name: string): Weight<P> | undefined => weights.get(name) ?? outer?.weight(name);

  /**
   * Counts a plan as a user of these constants and states, and allocates the new ones. The returned function undoes it.
   */
  async function hold(tensors: readonly Tensor[]): Promise<() => void> {
    const held: string[] = [];
    const releaseAll = () => held.splice(0).forEach(release);
    try {
      for (const tensor of tensors) {
        const { source } = tensor;
        if (source.kind !== "constant" && source.kind !== "state") continue;
        const allocation = use(tensor, source.name);
        held.push(source.name);
        allocation.place = await allocation.made;
      }
    } catch (error) {
      releaseAll();
      throw error;
    }
    return releaseAll;
  }

  /** Adds a user to a constant or state, which is allocated for its first one. */
  function use(tensor: Tensor, name: string): Allocation<P> {
    const { shape, dtype } = tensor;
    const known = allocations.get(name);
    if (known && known.shape.join() !== shape.join())
      throw new Error(`${name} has shape (${known.shape.join(", ")}); another plan needs it as (${shape.join(", ")})`);
    if (known && known.dtype !== dtype) throw new Error(`${name} is ${known.dtype}; another plan needs it as ${dtype}`);
    const allocation = known ?? { shape, dtype, made: backend.allocate(tensor), users: 0 };
    allocations.set(name, allocation);
    allocation.users++;
    return allocation;
  }

  function release(name: string) {
    const allocation = allocations.get(name)!;
    if (--allocation.users > 0) return;
    allocations.delete(name);
    if (allocation.place) backend.free(allocation.place);
    else allocation.made.then(backend.free, () => {}); // `hold` reports the error
  }

  function allocationOf(name: string): Allocation<P> {
    const allocation = allocations.get(name);
    if (!allocation?.place) throw new Error(`No plan has a state named ${name}`);
    return allocation;
  }

  /** A state. Throws RangeError unless it holds values [from, from + count). */
  function within(name: string, from: number, count: number): { place: P; dtype: DType; shape: Shape } {
    const { place, shape, dtype } = allocationOf(name);
    const size = sizeOf(shape);
    if (from + count > size) throw new RangeError(`The state ${name} holds ${size} values, not ${from + count}`);
    return { place: place!, dtype, shape };
  }

  function write(name: string, values: Float32Array | Int32Array, at = 0) {
    const { place, dtype, shape } = within(name, at, values.length);
    const row = dtype === "f16" ? shape[shape.length - 1] : 1;
    if (at % row || values.length % row)
      throw new RangeError(`The f16 state ${name} is written in rows of ${row} values`);
    backend.write(place, values, at);
  }

  const scope: Scope<P> = {
    ...properties,
    ...{ upload, prepare, weight, own, write },
    readState: async (state, at, count) => backend.read(within(state, at, count).place, at, count),
    namespace: () => createScope(backend, properties, scope),
    dispose() {
      disposed = true;
      for (const release of [...owned].reverse()) release(); // plans before the weights that they use
    },
  };
  return scope;
}
