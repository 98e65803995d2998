// A document was opened: the model prefills the whole of it, if it fits, because the caret is not known yet.
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Context } from "../context";
import { caret } from "./caret";

/** Of code, roughly. */
const charactersPerToken = 3;

export async function didOpen(context: Context, document: TextDocument): Promise<void> {
  const { uri } = document;
  const { model } = await context.settings(uri);
  const { length } = document.getText();
  if (length > charactersPerToken * model.context) return; // at most carets the prompt would be another part of the text
  await caret(context, { textDocument: { uri }, position: document.positionAt(length) });
}
