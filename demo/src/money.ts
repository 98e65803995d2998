// Money in whole cents, so that nothing is lost in rounding.

export interface Money {
  cents: number;
  currency: "EUR" | "USD";
}

export const euros = (amount: number): Money => ({ cents: Math.round(amount * 100), currency: "EUR" });

export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new Error(`Cannot add ${a.currency} and ${b.currency}`);
  return { cents: a.cents + b.cents, currency: a.currency };
}

export function multiply(money: Money, factor: number): Money {
  return { cents: Math.round(money.cents * factor), currency: money.currency };
}

export function format({ cents, currency }: Money): string {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(cents / 100);
}
