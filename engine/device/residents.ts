// The states and constants of a device's plans, by their names: plans that name the same share it, and it lives as long
// as one of them does.

import { type Shape, sizeOf, type Tensor } from "../graph/tensor";

interface Resident<T> {
  shape: Shape;
  made: Promise<T>;
  /** Once it is made. */
  place?: T;
  /** How many prepared plans use it. */
  users: number;
}

export interface Residents<T> {
  /** Makes what no plan before had; returns what gives it all up again. Throws where a name stands for another shape. */
  hold(tensors: readonly Tensor[]): Promise<() => void>;
  /** Where a state or constant is that a plan uses; throws where none does. */
  at(name: string): T;
  /** The same, where `count` values from `from` on are meant. */
  within(name: string, from: number, count: number): T;
}

/** `make` sets a tensor's memory aside: a constant's with its values, a state's all zero. */
export function createResidents<T>(make: (tensor: Tensor) => Promise<T>, free: (place: T) => void): Residents<T> {
  const residents = new Map<string, Resident<T>>();

  /** One user more. */
  function enter(tensor: Tensor, name: string): Resident<T> {
    const { shape } = tensor;
    const known = residents.get(name);
    if (known && known.shape.join() !== shape.join())
      throw new Error(`${name} has shape (${known.shape.join(", ")}); another plan needs it as (${shape.join(", ")})`);
    const resident = known ?? { shape, made: make(tensor), users: 0 };
    residents.set(name, resident);
    resident.users++;
    return resident;
  }

  function release(name: string) {
    const resident = residents.get(name)!;
    if (--resident.users > 0) return;
    residents.delete(name);
    resident.made.then(free, () => {});
  }

  function at(name: string): T {
    const place = residents.get(name)?.place;
    if (place === undefined) throw new Error(`No plan has a state named ${name}`);
    return place;
  }

  return {
    at,
    async hold(tensors) {
      const held: string[] = [];
      const giveUp = () => held.splice(0).forEach(release);
      try {
        for (const tensor of tensors) {
          const { source } = tensor;
          if (source.kind !== "constant" && source.kind !== "state") continue;
          const resident = enter(tensor, source.name);
          held.push(source.name);
          resident.place = await resident.made;
        }
      } catch (error) {
        giveUp();
        throw error;
      }
      return giveUp;
    },
    within(name, from, count) {
      const place = at(name);
      const size = sizeOf(residents.get(name)!.shape);
      if (from + count > size) throw new RangeError(`The state ${name} holds ${size} values, not ${from + count}`);
      return place;
    },
  };
}
