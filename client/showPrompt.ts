// "Show Prompt" opens the last prompt that was sent to the model for the current file, read-only. A code lens above each piece
// says where it comes from and how many tokens it has, and of a piece of the workspace why it was chosen; it opens the source.
// Special tokens are dimmed; the completion is at the end.
import {
  CodeLens,
  commands,
  EventEmitter,
  languages,
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  window,
  workspace,
} from "vscode";
import { type PieceSource, type Prompt, type PromptPiece, showPrompt } from "../protocol";
import type { GlassboxContext } from "./context";

export const promptScheme = "glassbox-prompt";

type Part = Omit<PromptPiece, "kind"> & { kind: PromptPiece["kind"] | "completion" };

export function activate({ subscriptions, server }: GlassboxContext) {
  const prompts = new Map<string, Prompt>(); // by the address of the prompt's document
  const changed = new EventEmitter<Uri>();
  const paints = decorations();

  async function show() {
    const source = window.activeTextEditor?.document;
    if (!source) return void window.showInformationMessage("Open a file first: a prompt belongs to one.");
    const origin = source.uri.scheme === promptScheme ? source.uri.query : source.uri.toString();
    const prompt = await server.request(showPrompt, { textDocument: { uri: origin } });
    if (!prompt)
      return void window.showInformationMessage("No prompt was sent to the model for this file yet. Type in it first.");

    const uri = Uri.from({ scheme: promptScheme, path: `/${origin.split("/").pop()} (prompt)`, query: origin });
    prompts.set(uri.toString(), prompt);
    changed.fire(uri);
    const editor = await window.showTextDocument(uri, { preview: true });
    revealCaret(editor, prompt);
  }

  function paint(editor: TextEditor) {
    const prompt = prompts.get(editor.document.uri.toString());
    if (!prompt) return;
    for (const [kind, decoration] of Object.entries(paints)) {
      const ranges = placed(editor.document, prompt).filter(({ part }) => part.kind === kind);
      editor.setDecorations(
        decoration,
        ranges.map(({ range }) => range),
      );
    }
  }

  subscriptions.push(
    changed,
    ...Object.values(paints),
    commands.registerCommand("glassbox.showPrompt", show),
    workspace.registerTextDocumentContentProvider(promptScheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) =>
        parts(prompts.get(uri.toString()))
          .map((part) => part.text)
          .join(""),
    }),
    languages.registerCodeLensProvider(
      { scheme: promptScheme },
      {
        provideCodeLenses: (document) => lenses(document, prompts.get(document.uri.toString())),
      },
    ),
    window.onDidChangeVisibleTextEditors((editors) => editors.forEach(paint)),
    workspace.onDidChangeTextDocument(({ document }) =>
      window.visibleTextEditors.filter((editor) => editor.document === document).forEach(paint),
    ),
  );
}

const parts = (prompt: Prompt | undefined): Part[] =>
  prompt ? [...prompt.pieces, { kind: "completion", text: prompt.completion, tokens: 0 }] : [];

/** The range of each part. They are counted in the document's own text, whose line ends the editor may have changed. */
function placed(document: TextDocument, prompt: Prompt | undefined): { part: Part; range: Range }[] {
  let offset = 0;
  return parts(prompt).map((part) => {
    const start = offset;
    offset += part.text.length;
    return { part, range: new Range(document.positionAt(start), document.positionAt(offset)) };
  });
}

function lenses(document: TextDocument, prompt: Prompt | undefined): CodeLens[] {
  if (!prompt) return [];
  return placed(document, prompt).flatMap(({ part, range }) => {
    if (part.kind === "control") return [];
    const { origin } = part;
    const title = `$(${icons[part.kind]}) ${describe(part, prompt)}`;
    const command = origin ? "vscode.open" : "";
    const target = origin && [Uri.parse(origin.uri), { selection: new Range(origin.firstLine, 0, origin.lastLine, 0) }];
    return new CodeLens(range, { title, command, arguments: target });
  });
}

const icons = { path: "file", context: "references", prefix: "arrow-down", suffix: "arrow-up", completion: "sparkle" };

const sources: Record<PieceSource, string> = {
  similar: "similar code",
  declarations: "declaration",
  edits: "last edit",
  after: "lines below",
};

function describe({ kind, origin, tokens, choice }: Part, prompt: Prompt): string {
  if (kind === "completion") return `the completion that the model wrote · ${summary(prompt)}`;
  const where = origin
    ? ` of ${workspace.asRelativePath(Uri.parse(origin.uri))}, lines ${origin.firstLine + 1} to ${origin.lastLine + 1}`
    : "";
  const length = `${count(tokens)} tokens`;
  if (!choice) return `${kind}${where} · ${length}`;
  const { source, why, score, milliseconds } = choice;
  return `${sources[source]}${where} · ${why} · score ${score.toFixed(2)} · ${length} · found in ${milliseconds.toFixed(1)} ms`;
}

const summary = ({ model, tokens, reused, time }: Prompt) =>
  `${model}: ${count(tokens)} tokens, ${count(reused)} of them cached · ` +
  `read in ${Math.round(time.prefill)} ms, written in ${Math.round(time.decode)} ms`;

const count = (value: number) => value.toLocaleString("en");

function revealCaret(editor: TextEditor, prompt: Prompt) {
  const last = placed(editor.document, prompt).findLast(({ part }) => part.kind === "completion");
  const place = last?.range.start ?? new Position(0, 0);
  editor.selection = new Selection(place, place);
  editor.revealRange(new Range(place, place), TextEditorRevealType.InCenterIfOutsideViewport);
}

const decorations = () => ({
  control: window.createTextEditorDecorationType({ color: new ThemeColor("disabledForeground"), fontStyle: "italic" }),
  path: window.createTextEditorDecorationType({ backgroundColor: "#a371f71f" }),
  context: window.createTextEditorDecorationType({ backgroundColor: "#388bfd1f" }),
  completion: window.createTextEditorDecorationType({ backgroundColor: "#3fb95029" }),
});
