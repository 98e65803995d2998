// When orders are brought to their customers: an hour of a day, with room for a few orders.
import { findOrder, type Order, shipOrder, weight } from "./shop";

export interface Slot {
  day: string;
  hour: number;
  orders: number[];
}

/** Orders of an hour, and grams that fit on the bicycle. */
const room = { orders: 4, grams: 25_000 };
const hours = [9, 10, 11, 14, 15, 16, 17];

const slots = new Map<string, Slot>();

export function slotAt(day: string, hour: number): Slot {
  if (!hours.includes(hour)) throw new Error(`Nothing is delivered at ${hour} o'clock`);
  const key = `${day} ${hour}`;
  const slot = slots.get(key) ?? { day, hour, orders: [] };
  slots.set(key, slot);
  return slot;
}

export function load({ orders }: Slot): number {
  let grams = 0;
  for (const id of orders) grams += weight(findOrder(id).lines);
  return grams;
}

export function hasRoom(slot: Slot, order: Order): boolean {
  return slot.orders.length < room.orders && load(slot) + weight(order.lines) <= room.grams;
}

export function freeSlots(day: string, order: Order): Slot[] {
  return hours.map((hour) => slotAt(day, hour)).filter((slot) => hasRoom(slot, order));
}

export function schedule(id: number, day: string, hour: number): Slot {
  const order = findOrder(id);
  const slot = slotAt(day, hour);
  if (!hasRoom(slot, order)) throw new Error(`There is no room for order ${id} at ${hour} o'clock`);
  slot.orders.push(id);
  return slot;
}

export function depart(slot: Slot, at = new Date()): Order[] {
  const shipped = slot.orders.map((id) => shipOrder(id, at));
  slots.delete(`${slot.day} ${slot.hour}`);
  return shipped;
}
