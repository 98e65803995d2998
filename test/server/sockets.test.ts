// Nothing leaves the machine: during editing the server opens no socket. Two checks see any: a hook on the handles that
// Node creates in each thread, and the list of the process's open files.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { defaults } from "../../server/settings";
import { type Client, startClient } from "./client";
import { createPerson } from "./person";

/** Reports each socket on stderr. It is loaded with --require, which Node applies to workers too, unlike --import. */
const tripwire = `
  const { writeSync } = require("node:fs");
  const handle = /TCP|UDP|ADDRINFO|QUERY|HTTP/;
  require("node:async_hooks")
    .createHook({ init: (id, type) => void (handle.test(type) && writeSync(2, "SOCKET " + type + "\\n")) })
    .enable();
`;
const folder = await mkdtemp(join(tmpdir(), "glassbox-"));
const project = "file:///corner-shop";
const flags = ["--require", join(folder, "tripwire.cjs")];
before(() => writeFile(flags[1], tripwire));
after(() => rm(folder, { recursive: true }));

test("sockets: the tripwire reports one, in the main thread and in a worker", async () => {
  const script = 'require("net").connect(9, "127.0.0.1").on("error", () => {})';
  const inWorker = `new (require("worker_threads").Worker)(${JSON.stringify(script)}, { eval: true })`;
  for (const code of [script, inWorker]) {
    const { stderr } = await promisify(execFile)(process.execPath, [...flags, "--eval", code]);
    assert.match(stderr, /SOCKET TCP/);
  }
});

/**
 * An hour of work on the demo, as fast as the server answers: sixty lines are typed key by key in six files, one of them a
 * notebook and one without completions. Completions are accepted, typed and invoked; text is replaced and restored; the
 * prompt is shown; completions are snoozed; settings and models change; the server restarts.
 */
test("sockets: none is opened in an hour of editing", async () => {
  const completions = { ...defaults.completions, show: "all" as const };
  const clients: Client[] = [];
  const person = await createPerson(async () => {
    const client = await startClient({
      settings: { device: "cpu", completions },
      storage: folder,
      folders: [project],
      flags,
    });
    clients.push(client);
    return client;
  }, noSockets);

  // A function at the end of a long file, and what it needs further up.
  const shop = `${project}/src/shop.ts`;
  await person.open(shop, await readFile("demo/src/shop.ts", "utf8"));
  await person.type(`
export function returnOrder(id: number): Order {
  const order = findOrder(id);
  if (order.status !== "delivered") `);
  await person.accept();
  await person.type(`
  for (const line of order.lines) returnToStock(line);
  order.status = "returned";
  order.shippedAt = undefined;
  return order;
}
`);
  await person.moveBehind('"delivered" | "cancelled"');
  await person.type(' | "returned"');
  await person.replace("order.shippedAt = undefined", "order.returnedAt = new Date()");
  await person.moveBehind("shippedAt?: Date;");
  await person.type("\n  returnedAt?: Date;");
  await person.showPrompt();

  // A second file: one completion is typed, and a whole block is accepted.
  const money = `${project}/src/money.ts`;
  await person.open(money, await readFile("demo/src/money.ts", "utf8"));
  await person.type(`
export function divide(money: Money, parts: number): Money {
  return `);
  await person.typeSuggestion(12);
  await person.accept();
  await person.type(`
}

export function isZero(money: Money): boolean {`);
  await person.accept();
  await person.type("\n}\n");
  await person.replace("Math.round(money.cents * factor)", "Math.floor(money.cents * factor)");
  await person.undo();
  await person.switchTo(shop);
  await person.moveBehind("for (const line of order.lines) returnToStock(line);");
  await person.invoke();
  await person.switchTo(money);
  await person.close();

  // A new file.
  await person.open(`${project}/src/stocktaking.ts`);
  await person.type(`// Compares what stands on the shelves with what the books say.
import { catalogue, inStock, type Product, restock } from "./shop";

export interface Difference {
  product: Product;
  expected: number;
  counted: number;
}

export type Counts = Map<string, number>;

/** Products that were not counted are taken as they stand in the books. */
export function compare(counts: Counts): Difference[] {
  const differences: Difference[] = [];
  for (const product of catalogue) {
    const expected = inStock(product.id);
    const counted = counts.get(product.id) ?? expected;
    if (counted !== expected) differences.push({ product, expected, counted });
  }
  return differences;
}
`);

  // Completions are snoozed, and one is invoked.
  await person.snooze(5);
  await person.type(`
export function correct(differences: Difference[]): void {
  for (const { product, expected, counted } of differences) {
    restock(product.id, counted - expected);
  }
}
`);
  await person.invoke();
  await person.snooze(0);

  // A notebook with two cells.
  await person.openNotebook(`${project}/sales.ipynb`, [
    "import csv\n\nwith open('sales.csv') as file:\n    rows = list(csv.DictReader(file))",
    "",
  ]);
  await person.type(`def total(rows):
    return sum(int(row["cents"]) for row in rows)

by_month = {}
for row in rows:
    month = row["date"][:7]
    by_month[month] = by_month.get(month, 0) + int(row["cents"])

best = max(by_month, key=by_month.get)
print(best, by_month[best] / 100)`);
  await person.showPrompt();

  // A language without completions.
  await person.open(`${project}/NOTES.md`, "# Notes\n", "markdown");
  await person.type(`
- Returned orders go back on the shelf at once.
- Stocktaking is every last Friday of the month.
- Ask whether points are taken back as well.
`);
  await person.close();

  // Other settings: completions only when invoked, and only to the end of the line.
  await person.switchTo(`${project}/src/stocktaking.ts`);
  await person.changeSettings({ completions: { ...completions, trigger: "manual", multiline: "never" } });
  await person.type(`
export function value(differences: Difference[]): number {
  let cents = 0;
  for (const { product, expected, counted } of differences) `);
  await person.invoke();
  await person.type(`cents += product.price.cents * (counted - expected);
  return cents;
}
`);
  await person.changeSettings({ completions });

  // Other models: one from disk, a broken one, and the built-in one again.
  const tiny = resolve("test/engine/models/fixtures/llama.gguf");
  const broken = join(folder, "broken.gguf");
  await writeFile(broken, (await readFile(tiny)).subarray(0, 10_000));
  assert.equal(await person.selectModel(tiny), "llama");
  await person.type("\nconst a = 1;\nconst b = 2;\n");
  assert.equal(await person.selectModel(broken), "llama");
  assert.equal(await person.selectModel(""), "SmolLM2-135M-Instruct");
  await person.type("\nexport const isCorrect = (counts: Counts) => ");
  await person.accept();

  // The server restarts, and a test is written.
  await person.restart();
  await person.open(`${project}/test/stocktaking.test.ts`);
  await person.type(`import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, correct } from "../src/stocktaking";

test("a shelf that lacks something", () => {
  const [difference] = compare(new Map([["apple", 18]]));
  assert.equal(difference.expected, 20);
  assert.equal(difference.counted, 18);
});
`);
  await person.leave();

  const { keys, suggested, cancelled } = person.counts;
  assert.ok(keys >= 2000 && suggested >= 200 && cancelled >= 500, JSON.stringify(person.counts));
  assert.deepEqual(
    clients.flatMap(({ log }) => log).filter((line) => line.includes("SOCKET")),
    [],
  );
});

async function noSockets({ process: { pid } }: Client) {
  if (process.platform === "linux") assert.deepEqual(await sockets(pid!), []);
}

/** The sockets of a process, without its standard streams. */
async function sockets(pid: number): Promise<string[]> {
  const files = (await readdir(`/proc/${pid}/fd`)).filter((file) => Number(file) > 2);
  const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "closed")));
  return targets.filter((target) => target.startsWith("socket:"));
}
