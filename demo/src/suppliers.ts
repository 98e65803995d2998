// Who the shop buys from, and what is ordered from them when the shelves are nearly empty.
import { add, euros, type Money, multiply } from "./money";
import { findProduct, type Product, restock, runningLow } from "./shop";

export interface Supplier {
  id: string;
  name: string;
  products: string[];
  /** What the shop pays of a product's price. */
  rate: number;
  /** Days from the purchase to its delivery. */
  days: number;
}

export interface Purchase {
  id: number;
  supplier: Supplier;
  counts: Map<string, number>;
  status: "sent" | "received" | "cancelled";
  dueAt: Date;
}

export const suppliers: Supplier[] = [
  { id: "orchard", name: "Hill Orchard", products: ["apple", "pear", "plum", "juice"], rate: 0.6, days: 2 },
  { id: "field", name: "Green Field", products: ["carrot", "leek"], rate: 0.55, days: 2 },
  { id: "bakery", name: "Corner Bakery", products: ["baguette", "rye"], rate: 0.7, days: 1 },
  { id: "dairy", name: "Valley Dairy", products: ["milk", "butter"], rate: 0.65, days: 1 },
];

const purchases: Purchase[] = [];

export function findSupplier(id: string): Supplier {
  const supplier = suppliers.find((supplier) => supplier.id === id);
  if (!supplier) throw new Error(`There is no supplier "${id}"`);
  return supplier;
}

export function supplierOf(product: Product): Supplier {
  const supplier = suppliers.find(({ products }) => products.includes(product.id));
  if (!supplier) throw new Error(`Nobody supplies ${product.name}`);
  return supplier;
}

export function purchase(supplier: Supplier, counts: Map<string, number>, now = new Date()): Purchase {
  if (counts.size === 0) throw new Error("An empty purchase cannot be sent");
  const dueAt = new Date(now);
  dueAt.setDate(dueAt.getDate() + supplier.days);
  const made: Purchase = { id: purchases.length + 1, supplier, counts, status: "sent", dueAt };
  purchases.push(made);
  return made;
}

export function cost({ supplier, counts }: Purchase): Money {
  let sum = euros(0);
  for (const [id, count] of counts) sum = add(sum, multiply(findProduct(id).price, supplier.rate * count));
  return sum;
}

export function findPurchase(id: number): Purchase {
  const purchase = purchases.find((purchase) => purchase.id === id);
  if (!purchase) throw new Error(`There is no purchase ${id}`);
  return purchase;
}

export function receivePurchase(id: number): Purchase {
  const purchase = findPurchase(id);
  if (purchase.status !== "sent") throw new Error(`Purchase ${id} is ${purchase.status} and cannot be received`);
  for (const [product, count] of purchase.counts) restock(product, count);
  purchase.status = "received";
  return purchase;
}

export function refill(count = 20): Purchase[] {
  const wanted = new Map<Supplier, Map<string, number>>();
  for (const product of runningLow()) {
    const supplier = supplierOf(product);
    const counts = wanted.get(supplier) ?? new Map<string, number>();
    wanted.set(supplier, counts.set(product.id, count));
  }
  return [...wanted].map(([supplier, counts]) => purchase(supplier, counts));
}
