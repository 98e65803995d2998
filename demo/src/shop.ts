// A corner shop: a catalogue, a stock, customers with baskets, orders, and what they add up to.
import { add, euros, format, type Money, multiply } from "./money";

export interface Product {
  id: string;
  name: string;
  category: Category;
  price: Money;
  weight: number;
}

export type Category = "fruit" | "vegetable" | "bread" | "dairy" | "drink";

export interface Customer {
  id: string;
  name: string;
  email: string;
  points: number;
}

export interface Line {
  product: Product;
  count: number;
}

export interface Order {
  id: number;
  customer: Customer;
  lines: Line[];
  status: Status;
  placedAt: Date;
  shippedAt?: Date;
}

export type Status = "placed" | "paid" | "shipped" | "delivered" | "cancelled";

export const catalogue: Product[] = [
  { id: "apple", name: "Apple", category: "fruit", price: euros(0.4), weight: 180 },
  { id: "pear", name: "Pear", category: "fruit", price: euros(0.5), weight: 170 },
  { id: "plum", name: "Plum", category: "fruit", price: euros(0.3), weight: 60 },
  { id: "carrot", name: "Carrot", category: "vegetable", price: euros(0.2), weight: 80 },
  { id: "leek", name: "Leek", category: "vegetable", price: euros(0.9), weight: 250 },
  { id: "baguette", name: "Baguette", category: "bread", price: euros(1.2), weight: 250 },
  { id: "rye", name: "Rye bread", category: "bread", price: euros(3.4), weight: 750 },
  { id: "milk", name: "Milk", category: "dairy", price: euros(1.1), weight: 1000 },
  { id: "butter", name: "Butter", category: "dairy", price: euros(2.3), weight: 250 },
  { id: "juice", name: "Apple juice", category: "drink", price: euros(1.9), weight: 1000 },
];

const stock = new Map<string, number>(catalogue.map((product) => [product.id, 20]));

export function findProduct(id: string): Product {
  const product = catalogue.find((product) => product.id === id);
  if (!product) throw new Error(`There is no product "${id}"`);
  return product;
}

export function productsIn(category: Category): Product[] {
  return catalogue.filter((product) => product.category === category);
}

export function cheapest(products: Product[]): Product | undefined {
  return products.toSorted((a, b) => a.price.cents - b.price.cents)[0];
}

export function search(text: string): Product[] {
  const wanted = text.trim().toLowerCase();
  return catalogue.filter((product) => product.name.toLowerCase().includes(wanted));
}

export function inStock(id: string): number {
  return stock.get(id) ?? 0;
}

export function restock(id: string, count: number): void {
  if (count < 1) throw new Error(`Restocking takes a positive count, not ${count}`);
  stock.set(id, inStock(id) + count);
}

export function runningLow(limit = 5): Product[] {
  return catalogue.filter((product) => inStock(product.id) <= limit);
}

function takeFromStock({ product, count }: Line): void {
  const left = inStock(product.id) - count;
  if (left < 0) throw new Error(`Only ${inStock(product.id)} of ${product.name} are left`);
  stock.set(product.id, left);
}

function returnToStock({ product, count }: Line): void {
  stock.set(product.id, inStock(product.id) + count);
}

export class Basket {
  private readonly lines = new Map<string, Line>();

  constructor(readonly customer: Customer) {}

  add(id: string, count = 1): this {
    const line = this.lines.get(id) ?? { product: findProduct(id), count: 0 };
    this.lines.set(id, { ...line, count: line.count + count });
    return this;
  }

  remove(id: string, count = 1): this {
    const line = this.lines.get(id);
    if (!line) return this;
    if (line.count <= count) this.lines.delete(id);
    else this.lines.set(id, { ...line, count: line.count - count });
    return this;
  }

  clear(): void {
    this.lines.clear();
  }

  get size(): number {
    let size = 0;
    for (const line of this.lines.values()) size += line.count;
    return size;
  }

  get isEmpty(): boolean {
    return this.lines.size === 0;
  }

  [Symbol.iterator](): Iterator<Line> {
    return this.lines.values();
  }
}

export function subtotal(lines: Iterable<Line>): Money {
  let sum = euros(0);
  for (const { product, count } of lines) sum = add(sum, multiply(product.price, count));
  return sum;
}

export function weight(lines: Iterable<Line>): number {
  let grams = 0;
  for (const { product, count } of lines) grams += product.weight * count;
  return grams;
}

export function discount(lines: Iterable<Line>, customer: Customer): Money {
  const rate = customer.points >= 1000 ? 0.1 : customer.points >= 200 ? 0.05 : 0;
  return multiply(subtotal(lines), rate);
}

export function shipping(lines: Iterable<Line>): Money {
  const grams = weight(lines);
  if (grams === 0) return euros(0);
  if (grams < 1000) return euros(2.5);
  if (grams < 5000) return euros(4.5);
  return euros(9);
}

export function total(lines: Line[], customer: Customer): Money {
  const goods = add(subtotal(lines), multiply(discount(lines, customer), -1));
  return add(goods, shipping(lines));
}

const orders: Order[] = [];

export function placeOrder(basket: Basket): Order {
  if (basket.isEmpty) throw new Error("An empty basket cannot be ordered");
  const lines = [...basket];
  for (const line of lines) takeFromStock(line);
  const order: Order = {
    id: orders.length + 1,
    customer: basket.customer,
    lines,
    status: "placed",
    placedAt: new Date(),
  };
  orders.push(order);
  basket.clear();
  return order;
}

export function findOrder(id: number): Order {
  const order = orders.find((order) => order.id === id);
  if (!order) throw new Error(`There is no order ${id}`);
  return order;
}

export function ordersOf(customer: Customer): Order[] {
  return orders.filter((order) => order.customer.id === customer.id);
}

export function payOrder(id: number): Order {
  const order = findOrder(id);
  if (order.status !== "placed") throw new Error(`Order ${id} is ${order.status} and cannot be paid`);
  order.status = "paid";
  order.customer.points += Math.floor(total(order.lines, order.customer).cents / 100);
  return order;
}

export function shipOrder(id: number, at = new Date()): Order {
  const order = findOrder(id);
  if (order.status !== "paid") throw new Error(`Order ${id} is ${order.status} and cannot be shipped`);
  order.status = "shipped";
  order.shippedAt = at;
  return order;
}

export function deliverOrder(id: number): Order {
  const order = findOrder(id);
  if (order.status !== "shipped") throw new Error(`Order ${id} is ${order.status} and cannot be delivered`);
  order.status = "delivered";
  return order;
}

export function cancelOrder(id: number): Order {
  const order = findOrder(id);
  if (order.status === "shipped" || order.status === "delivered")
    throw new Error(`Order ${id} is ${order.status} and cannot be cancelled`);
  for (const line of order.lines) returnToStock(line);
  order.status = "cancelled";
  return order;
}

export interface Report {
  orders: number;
  revenue: Money;
  bestSeller?: Product;
  byCategory: Map<Category, Money>;
}

export function countByProduct(orders: Order[]): Map<Product, number> {
  const counts = new Map<Product, number>();
  for (const order of orders)
    for (const { product, count } of order.lines) counts.set(product, (counts.get(product) ?? 0) + count);
  return counts;
}

export function bestSeller(orders: Order[]): Product | undefined {
  let best: Product | undefined;
  let most = 0;
  for (const [product, count] of countByProduct(orders)) {
    if (count <= most) continue;
    best = product;
    most = count;
  }
  return best;
}

export function revenueByCategory(orders: Order[]): Map<Category, Money> {
  const revenue = new Map<Category, Money>();
  for (const order of orders)
    for (const { product, count } of order.lines) {
      const before = revenue.get(product.category) ?? euros(0);
      revenue.set(product.category, add(before, multiply(product.price, count)));
    }
  return revenue;
}

export function report(from: Date, to: Date): Report {
  const paid = orders.filter((order) => order.status !== "placed" && order.status !== "cancelled");
  const within = paid.filter((order) => order.placedAt >= from && order.placedAt < to);
  let revenue = euros(0);
  for (const order of within) revenue = add(revenue, total(order.lines, order.customer));
  return {
    orders: within.length,
    revenue,
    bestSeller: bestSeller(within),
    byCategory: revenueByCategory(within),
  };
}

export function bestCustomers(orders: Order[], count = 3): Customer[] {
  const spent = new Map<Customer, number>();
  for (const { customer, lines } of orders)
    spent.set(customer, (spent.get(customer) ?? 0) + total(lines, customer).cents);
  return [...spent.entries()]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([customer]) => customer);
}

export function receipt(order: Order): string {
  const rows = order.lines.map(({ product, count }) => {
    const price = format(multiply(product.price, count));
    return `${String(count).padStart(3)} x ${product.name.padEnd(20)} ${price.padStart(10)}`;
  });
  const sum = format(subtotal(order.lines)).padStart(10);
  const off = format(multiply(discount(order.lines, order.customer), -1)).padStart(10);
  const post = format(shipping(order.lines)).padStart(10);
  const all = format(total(order.lines, order.customer)).padStart(10);
  return [
    `Order ${order.id} for ${order.customer.name}`,
    ...rows,
    `${"Goods".padEnd(26)} ${sum}`,
    `${"Discount".padEnd(26)} ${off}`,
    `${"Shipping".padEnd(26)} ${post}`,
    `${"Total".padEnd(26)} ${all}`,
  ].join("\n");
}
