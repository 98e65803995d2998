// A file to try completions in: the hint is at its end.

import { add, euros, type Money } from "./money";

export function total(amounts: Money[]): Money {
  return amounts.reduce(add, euros(0));
}

/** The average of some amounts, in whole cents. */
export function average(amounts: Money[]): Money {
  const { cents, currency } = total(amounts);
  return { cents: Math.round(cents / amounts.length), currency };
}

// Write the next function below, such as largest(amounts). What the model would write stands
// behind the caret in grey: Tab accepts it, Esc dismisses it.
