// The walkthrough's first step: opens a few lines of code in a language that has completions on, with the caret at the end.
import { commands, Selection, window, workspace } from "vscode";
import type { Settings } from "../protocol";
import type { GlassboxContext } from "./context";
import { isOnFor } from "./off";
import { settings } from "./settings";

const hint = "Type, and look at the grey text behind the caret: Tab accepts it, Esc dismisses it.";

const samples: Record<string, string> = {
  typescript: `// ${hint}\n\n/** The sum of all numbers. */\nfunction sum(numbers: number[]): number {\n  `,
  javascript: `// ${hint}\n\n/** The sum of all numbers. */\nfunction sum(numbers) {\n  `,
  python: `# ${hint}\n\ndef total(numbers):\n    """The sum of all numbers."""\n    `,
};

export function activate({ subscriptions }: GlassboxContext) {
  subscriptions.push(commands.registerCommand("glassbox.openSample", openSample));
}

async function openSample() {
  const completions = settings().get<Settings["completions"]>("completions")!;
  const languages = Object.keys(samples);
  const language = languages.find((language) => isOnFor(language, completions)) ?? languages[0];
  const document = await workspace.openTextDocument({ language, content: samples[language] });
  const editor = await window.showTextDocument(document);
  const end = document.positionAt(document.getText().length);
  editor.selection = new Selection(end, end);
}
