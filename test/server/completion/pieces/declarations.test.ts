import assert from "node:assert/strict";
import { test } from "node:test";
import { declarations, type FindDefinitions, namesAt } from "../../../../server/completion/pieces/declarations";
import { caretIn, uriOf, workspaceOf } from "./workspace";

for (const [place, names, path = "a.ts"] of [
  ["const total = sumOf(|", ["sumOf"]],
  ["const total = sumOf(a, b.|", ["b", "sumOf"]],
  ["function f(order: Order) {\n  order.|", ["Order", "order"]],
  ["const cart = new Cart();\ncart.ad|", ["Cart", "cart"]],
  ['import { send, close } from "./mail";\n\nconst done = send|', ["send"]],
  ['import { send } from "./mail";\n\n\n\n\n\nconst a = 1;|', []],
  ["from shop.money import Money\n\nprice = Money(|", ["Money"], "a.py"],
  ["use crate::shape::Circle;\nfn area(c: &Circle) -> f64 {\n    c.|", ["Circle", "c"], "a.rs"],
  ["$price$ = 1;\n$price$.|", ["$price$"]],
  ["|", []],
] as [string, string[], string?][])
  test(`declarations: the names at ${JSON.stringify(place)}`, () =>
    assert.deepEqual(namesAt(caretIn(path, place)), names));

const mail = `// Mail\n${"\n".repeat(20)}export function send(to: Address, text: string): Receipt {\n  return post(to, text);\n}\n`;
const source = caretIn("src/own.ts", 'import { send } from "./mail";\n\nconst done = send(|');
const answering =
  (path: string): FindDefinitions =>
  async (uri, places) => {
    assert.equal(uri, source.uri);
    assert.deepEqual(places, [{ line: 2, character: 13 }]);
    return [{ uri: uriOf(path), firstLine: 21, lastLine: 23 }];
  };

test("declarations: by the editor's language services, with the text that the index has", async () => {
  const { index } = workspaceOf({ "src/mail.ts": mail });
  const [piece, ...others] = await declarations(source, index, answering("src/mail.ts"));
  assert.deepEqual(others, []);
  assert.equal(piece.text, mail.slice(mail.indexOf("export")).trimEnd());
  assert.deepEqual([piece.path, piece.firstLine, piece.lastLine], ["src/mail.ts", 21, 23]);
  assert.equal(piece.choice.why, "declares send");
});

test("declarations: none out of a file that the index leaves out, wherever the editor says it is", async () => {
  const { index } = workspaceOf({ "src/other.ts": "export const a = 1;\n" });
  assert.deepEqual(await declarations(source, index, answering("src/mail.ts")), []);
});
