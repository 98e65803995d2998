import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePieces } from "../../../../server/completion/pieces/choose";
import { createEdits } from "../../../../server/completion/pieces/edits";
import { caretIn, options, uriOf, workspaceOf } from "./workspace";

/** Files that have nothing to do with the others, so that words are rare or not. */
const unrelated = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [`other/${i}.ts`, `export const setting${i} = window.location.hash + ${i};\n`]),
);
const invoice = `export function printInvoice(invoice: Invoice): string {
  const total = invoice.lines.reduce((sum, line) => sum + line.amount, 0);
  const heading = formatHeading(invoice.customer, invoice.date);
  return [heading, ...invoice.lines.map(printLine), formatTotal(total)].join("\\n");
}
`;
const caret = caretIn(
  "src/order.ts",
  `export function printOrder(order: Order): string {
  const total = order.lines.reduce((sum, line) => sum + line.amount, 0);
  const heading = formatHeading(order.customer, order.date);
  |
}
`,
);

test("choose: similar code of another file, with its lines, its words in common and a score", async () => {
  const { index } = workspaceOf({ ...unrelated, "src/invoice.ts": invoice });
  const pieces = await choosePieces(caret, { index }, options);
  assert.deepEqual(
    pieces.map(({ path, firstLine, text }) => ({ path, firstLine, text })),
    [{ path: "src/invoice.ts", firstLine: 0, text: invoice }],
  );
  const { source, why, score, milliseconds } = pieces[0].choice;
  assert.equal(source, "similar");
  assert.match(why, /formatHeading/);
  assert.ok(score >= 0.3 && score <= 1, `${score}`);
  assert.ok(milliseconds > 0);
});

test("choose: words that no file has do not make code less similar", async () => {
  const { index } = workspaceOf({ ...unrelated, "src/invoice.ts": invoice });
  const scoreOf = async (source: typeof caret) => (await choosePieces(source, { index }, options))[0].choice.score;
  const prefix = `${caret.prefix}// gallimaufry of zeugmas\n  `;
  assert.equal(await scoreOf({ ...caret, prefix }), await scoreOf(caret));
});

test("choose: nothing that is hardly similar", async () => {
  const { index } = workspaceOf({ ...unrelated, "src/one.ts": "export const order = 1;\nexport const width = 2;\n" });
  assert.deepEqual(await choosePieces(caret, { index }, options), []);
});

test("choose: never the text around the caret again, from the file itself or from a copy of it", async () => {
  const text = caret.prefix + caret.suffix;
  const { index } = workspaceOf({ ...unrelated, "src/order.ts": text, "backup/order.ts": text });
  assert.deepEqual(await choosePieces(caret, { index }, options), []);
});

test("choose: of near duplicates one", async () => {
  const { index } = workspaceOf({
    ...unrelated,
    "src/invoice.ts": invoice,
    "src/invoice2.ts": invoice.replace("Invoice", "Bill"),
  });
  assert.equal((await choosePieces(caret, { index }, options)).length, 1);
});

test("choose: the best comes first", async () => {
  const offer = invoice
    .replaceAll(/heading/gi, "title")
    .replace("invoice.date", "today")
    .replaceAll("nvoice", "ffer");
  const { index } = workspaceOf({ ...unrelated, "src/offer.ts": offer, "src/invoice.ts": invoice });
  const pieces = await choosePieces(caret, { index }, options);
  assert.deepEqual(
    pieces.map(({ path }) => path),
    ["src/invoice.ts", "src/offer.ts"],
  );
  assert.ok(pieces[0].choice.score > pieces[1].choice.score);
});

test("choose: a source that is off adds nothing", async () => {
  const { index } = workspaceOf({ ...unrelated, "src/invoice.ts": invoice });
  const switches = { ...options.switches, similar: false };
  assert.deepEqual(await choosePieces(caret, { index }, { ...options, switches }), []);
});

test("choose: the lines after the caret, for a model that cannot fill in the middle", async () => {
  const { index } = workspaceOf({});
  const source = caretIn("a.ts", "const a = |\nconst b = 2;\n\nconst c = 3;\n");
  const without = { ...options, fillsInMiddle: false };
  const [piece, ...others] = await choosePieces(source, { index }, without);
  assert.deepEqual(others, []);
  assert.equal(piece.choice.source, "after");
  assert.equal(piece.text, "…\nconst b = 2;\n\nconst c = 3;\n…");
  assert.deepEqual([piece.firstLine, piece.lastLine], [1, 3]);
  assert.deepEqual(await choosePieces(source, { index }, options), []);
  const switches = { ...options.switches, after: false };
  assert.deepEqual(await choosePieces(source, { index }, { ...without, switches }), []);
});

test("choose: the last edits of other documents, as they are now", async () => {
  const before = `${"// header\n".repeat(30)}export const discount = {};\n`;
  const now = before.replace("{}", "{ order: 5, customer: 3 }");
  const files = workspaceOf({ ...unrelated, "src/discount.ts": now });
  const edits = createEdits();
  edits.changed(uriOf("src/discount.ts"), before);
  edits.changed(uriOf("src/discount.ts"), now);
  const source = caretIn("src/price.ts", "export const discountOf = (order, customer) =>\n  discount|");
  const switches = { ...options.switches, similar: false };
  const pieces = await choosePieces(source, { index: files.index, edits }, { ...options, switches });
  assert.deepEqual(
    pieces.map(({ path, choice, text }) => [path, choice.source, text.includes("customer: 3")]),
    [["src/discount.ts", "edits", true]],
  );
  const off = { ...switches, edits: false };
  assert.deepEqual(await choosePieces(source, { index: files.index, edits }, { ...options, switches: off }), []);
  files.delete("src/discount.ts"); // as of a file that the index leaves out
  assert.deepEqual(await choosePieces(source, { index: files.index, edits }, { ...options, switches }), []);
});
