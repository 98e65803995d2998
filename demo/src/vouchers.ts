// Vouchers that a customer hands in: each takes something off an order, once.
import { euros, type Money, multiply } from "./money";
import { type Category, type Line, type Order, subtotal } from "./shop";

export interface Voucher {
  code: string;
  kind: "amount" | "share";
  /** In euros, or from 0 to 1. */
  value: number;
  /** Only for products of this category. */
  category?: Category;
  expiresAt: Date;
  usedFor?: number;
}

const vouchers = new Map<string, Voucher>();

export function issue(voucher: Voucher): Voucher {
  if (vouchers.has(voucher.code)) throw new Error(`There is a voucher ${voucher.code} already`);
  vouchers.set(voucher.code, voucher);
  return voucher;
}

export function findVoucher(code: string): Voucher {
  const voucher = vouchers.get(code.trim().toUpperCase());
  if (!voucher) throw new Error(`There is no voucher ${code}`);
  return voucher;
}

export function isValid({ expiresAt, usedFor }: Voucher, now = new Date()): boolean {
  return usedFor === undefined && now < expiresAt;
}

function linesFor({ category }: Voucher, lines: Line[]): Line[] {
  return category ? lines.filter(({ product }) => product.category === category) : lines;
}

export function reduction(voucher: Voucher, lines: Line[]): Money {
  const goods = subtotal(linesFor(voucher, lines));
  if (voucher.kind === "share") return multiply(goods, voucher.value);
  return goods.cents < voucher.value * 100 ? goods : euros(voucher.value);
}

export function redeem(code: string, order: Order, now = new Date()): Money {
  const voucher = findVoucher(code);
  if (!isValid(voucher, now)) throw new Error(`The voucher ${code} is no longer valid`);
  voucher.usedFor = order.id;
  return reduction(voucher, order.lines);
}
