// The shop's customers: who they are, what they usually buy, and what their points are worth.
import { euros, type Money } from "./money";
import { bestSeller, type Customer, countByProduct, ordersOf, type Product } from "./shop";

const customers: Customer[] = [];

export function register(name: string, email: string): Customer {
  if (!email.includes("@")) throw new Error(`"${email}" is no address`);
  if (customers.some((customer) => customer.email === email)) throw new Error(`${email} is registered already`);
  const customer: Customer = { id: `c${customers.length + 1}`, name, email, points: 0 };
  customers.push(customer);
  return customer;
}

export function findCustomer(id: string): Customer {
  const customer = customers.find((customer) => customer.id === id);
  if (!customer) throw new Error(`There is no customer "${id}"`);
  return customer;
}

export function findByEmail(email: string): Customer | undefined {
  return customers.find((customer) => customer.email === email.trim().toLowerCase());
}

export function worth({ points }: Customer): Money {
  return euros(Math.floor(points / 100));
}

export function spendPoints(customer: Customer, points: number): Money {
  if (points > customer.points) throw new Error(`${customer.name} has only ${customer.points} points`);
  customer.points -= points;
  return euros(points / 100);
}

export function favourite(customer: Customer): Product | undefined {
  return bestSeller(ordersOf(customer));
}

export function usualBasket(customer: Customer, count = 5): Product[] {
  return [...countByProduct(ordersOf(customer))]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([product]) => product);
}

export function regulars(least = 5): Customer[] {
  return customers.filter((customer) => ordersOf(customer).length >= least);
}
