// What stands on the shelves below the products.
import { euros, format, type Money, multiply } from "./money";
import { type Category, type Product, productsIn } from "./shop";

const width = 24;

export function perKilogram({ price, weight }: Product): Money {
  return multiply(price, 1000 / weight);
}

export function label(product: Product): string {
  const price = format(product.price);
  const each = `${format(perKilogram(product))} / kg`;
  return [line("-"), centred(product.name), centred(price), centred(each), line("-")].join("\n");
}

export function labelsFor(category: Category): string[] {
  return productsIn(category).map((product) => label(product));
}

export function offer(product: Product, price: Money): string {
  if (price.cents >= product.price.cents) throw new Error(`${product.name} does not become cheaper`);
  const saved = euros((product.price.cents - price.cents) / 100);
  return [label({ ...product, price }), centred(`You save ${format(saved)}`)].join("\n");
}

const line = (character: string) => character.repeat(width);

function centred(text: string): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(left + text.length).padEnd(width);
}
