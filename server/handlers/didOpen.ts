// A document was opened: as much of it is read as fits, for the caret may be anywhere in it.
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Context } from "../context";
import { caret } from "./caret";

/** Of code, a token. */
const characters = 3;

export async function didOpen(context: Context, document: TextDocument): Promise<void> {
  const { uri } = document;
  const { model } = await context.settings(uri);
  const { length } = document.getText();
  if (length > characters * model.context) return; // most carets would be out of what is read
  await caret(context, { textDocument: { uri }, position: document.positionAt(length) });
}
