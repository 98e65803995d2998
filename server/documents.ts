// The open documents, and the text around a caret as the model reads it.
import { basename } from "node:path/posix";
import type { Connection, NotebookDocuments, Position, TextDocuments } from "vscode-languageserver";
import { NotebookDocuments as Notebooks, TextDocuments as Texts } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { CaretText } from "./completion/types";

export interface Documents {
  readonly texts: TextDocuments<TextDocument>;
  /** A text document or a notebook's cell. */
  get(uri: string): TextDocument | undefined;
  /**
   * The text around a position. In a notebook it includes the other cells of the same language; line ends become "\n".
   * `folders` are the URIs of the workspace's folders.
   */
  caretText(document: TextDocument, position: Position, folders: readonly string[]): CaretText;
}

export function listenToDocuments(connection: Connection): Documents {
  const texts = new Texts(TextDocument);
  const notebooks = new Notebooks(texts);
  texts.listen(connection);
  notebooks.listen(connection);
  return {
    texts,
    get: (uri) => texts.get(uri),
    caretText(document, position, folders) {
      const text = document.getText();
      const caret = document.offsetAt(position);
      const cells = cellsAround(notebooks, texts, document);
      return {
        uri: document.uri,
        path: pathFor(cells?.notebook ?? document.uri, folders),
        languageId: document.languageId,
        line: position.line,
        prefix: joined([...(cells?.before ?? []), text.slice(0, caret)]),
        suffix: joined([text.slice(caret), ...(cells?.after ?? [])]),
      };
    },
  };
}

/** The texts of the notebook's other cells of the same language; undefined for a document that is no cell. */
function cellsAround(
  notebooks: NotebookDocuments<TextDocument>,
  texts: TextDocuments<TextDocument>,
  cell: TextDocument,
) {
  const notebook = notebooks.findNotebookDocumentForCell(cell.uri);
  if (!notebook) return undefined;
  const at = notebook.cells.findIndex(({ document }) => document === cell.uri);
  const textsOf = (cells: typeof notebook.cells) =>
    cells
      .map(({ document }) => texts.get(document))
      .filter((other) => other?.languageId === cell.languageId)
      .map((other) => other!.getText());
  return {
    notebook: notebook.uri,
    before: textsOf(notebook.cells.slice(0, at)),
    after: textsOf(notebook.cells.slice(at + 1)),
  };
}

const joined = (texts: string[]) => texts.join("\n\n").replaceAll("\r\n", "\n");

function pathFor(uri: string, folders: readonly string[]): string {
  const folder = folders.find((folder) => uri.startsWith(`${folder}/`));
  const path = folder ? uri.slice(folder.length + 1) : basename(uri.replace(/^[^:]*:/, "")); // `untitled:Untitled-1`
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
