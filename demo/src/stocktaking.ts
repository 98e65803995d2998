// Once a month everything on the shelves is counted, and compared with what should be there.
import { add, euros, format, type Money, multiply } from "./money";
import { catalogue, findProduct, inStock, type Product } from "./shop";

export interface Difference {
  product: Product;
  expected: number;
  counted: number;
}

export function compare(counts: Map<string, number>): Difference[] {
  return catalogue
    .map((product) => ({ product, expected: inStock(product.id), counted: counts.get(product.id) ?? 0 }))
    .filter(({ expected, counted }) => expected !== counted);
}

export function missing(differences: Difference[]): Difference[] {
  return differences.filter(({ expected, counted }) => counted < expected);
}

export function value(differences: Difference[]): Money {
  let sum = euros(0);
  for (const { product, expected, counted } of differences) sum = add(sum, multiply(product.price, counted - expected));
  return sum;
}

export function stockValue(): Money {
  let sum = euros(0);
  for (const product of catalogue) sum = add(sum, multiply(product.price, inStock(product.id)));
  return sum;
}

export function sheet(ids: string[]): string {
  const rows = ids.map((id) => `${findProduct(id).name.padEnd(20)} ${String(inStock(id)).padStart(5)}  ____`);
  return ["Product              stock  counted", ...rows].join("\n");
}

export function summary(differences: Difference[]): string {
  if (differences.length === 0) return "Everything is there.";
  const rows = differences.map(({ product, expected, counted }) => {
    const sign = counted > expected ? "+" : "-";
    return `${product.name.padEnd(20)} ${sign}${Math.abs(counted - expected)}`;
  });
  return [...rows, `Altogether ${format(value(differences))}`].join("\n");
}
