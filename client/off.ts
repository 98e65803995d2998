// Why there are no automatic completions in the active editor, and the switch that turns them on. The status bar, the language
// status, the menu and Trigger Completion show it.
import {
  commands,
  type Disposable,
  type Event,
  EventEmitter,
  extensions,
  TabInputText,
  TabInputTextDiff,
  type TextDocument,
  type Uri,
  window,
  workspace,
} from "vscode";
import type { Settings, Status } from "../protocol";
import type { Server } from "./server";
import { change, isSource, settings } from "./settings";
import { clock } from "./words";

export interface Off {
  /** A sentence. */
  why: string;
  /** Whether Trigger Completion works all the same. */
  byHand: boolean;
  switch?: { label: string; run(): Promise<unknown> };
}

/** The state of the active editor. */
export interface OffHere {
  readonly current: Off | undefined;
  /** Fires when `current` may have changed. */
  readonly onChange: Event<void>;
}

/** VS Code does not show larger files to extensions. */
const maxBytes = 50 * 1024 * 1024;

export function followOff(subscriptions: Disposable[], server: Server): OffHere {
  const changed = new EventEmitter<void>();
  const tell = () => changed.fire();
  let large: Uri | undefined;

  /** For a file that is too large, `activeTextEditor` is undefined, as without any editor: the tab tells the difference. */
  async function lookAtSize() {
    const { input } = window.tabGroups.activeTabGroup.activeTab ?? {};
    const uri = input instanceof TabInputText ? input.uri : undefined;
    const size =
      uri &&
      (await workspace.fs.stat(uri).then(
        ({ size }) => size,
        () => 0,
      ));
    large = size && size > maxBytes ? uri : undefined;
    tell();
  }
  lookAtSize();
  subscriptions.push(
    changed,
    server.onStatus(tell),
    window.onDidChangeActiveTextEditor(tell),
    window.tabGroups.onDidChangeTabs(lookAtSize),
    workspace.onDidOpenTextDocument(tell), // also one whose language was changed
    workspace.onDidChangeConfiguration(
      (event) =>
        (event.affectsConfiguration("glassbox.completions") || event.affectsConfiguration("editor.inlineSuggest")) &&
        tell(),
    ),
  );
  return {
    get current() {
      return whyOff(window.activeTextEditor?.document, server.status, large !== undefined);
    },
    onChange: changed.event,
  };
}

function whyOff(document: TextDocument | undefined, { snoozedUntil }: Status, large: boolean): Off | undefined {
  const completions = settings(document).get<Settings["completions"]>("completions")!;
  if (!completions.enabled)
    return {
      why: "Completions are turned off.",
      byHand: false,
      switch: { label: "Turn Completions On", run: () => change("completions.enabled", true, document) },
    };
  if (!workspace.getConfiguration("editor", document).get("inlineSuggest.enabled", true))
    return {
      why: "Inline suggestions are turned off in the editor.",
      byHand: false,
      switch: {
        label: "Turn Inline Suggestions On",
        run: () => change("inlineSuggest.enabled", true, document, "editor"),
      },
    };
  const impossible = whyNever(document, large);
  if (impossible) return { why: impossible, byHand: false };
  if (document && isCompared(document)) return { why: "In a comparison completions come only by hand.", byHand: true };
  if (snoozedUntil)
    return {
      why: `Completions are snoozed until ${clock(snoozedUntil)}.`,
      byHand: true,
      switch: { label: "End the Snooze", run: async () => commands.executeCommand("glassbox.snooze", 0) },
    };
  if (document && !isOnFor(document.languageId, completions)) {
    const name = languageName(document.languageId);
    return {
      why: `Completions are off for ${name}.`,
      byHand: true,
      switch: { label: `Turn Completions On for ${name}`, run: () => switchLanguage(document, true) },
    };
  }
  if (completions.trigger === "manual")
    return {
      why: "Completions come only by hand.",
      byHand: true,
      switch: { label: "Complete While I Type", run: () => change("completions.trigger", "automatic", document) },
    };
}

/** The reason why there can be no completions here with any settings. */
function whyNever(document: TextDocument | undefined, large: boolean): string | undefined {
  if (!document) return large ? "This file is too large: VS Code does not show it to extensions." : undefined;
  if (!isSource(document)) return "This document cannot be edited by hand.";
  if (workspace.fs.isWritableFileSystem(document.uri.scheme) === false) return "This document is read-only.";
}

/** Whether the active editor is one side of a diff editor. */
export function isCompared({ uri }: TextDocument): boolean {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  const sides = input instanceof TabInputTextDiff ? [input.original, input.modified] : [];
  return sides.some((side) => side.toString() === uri.toString());
}

export const isOnFor = (language: string, { languages }: Settings["completions"]): boolean =>
  languages[language] ?? languages["*"] ?? true;

export async function switchLanguage(document: TextDocument, on: boolean) {
  const { globalValue, workspaceValue, workspaceFolderValue } =
    settings(document).inspect<Record<string, boolean>>("completions.languages") ?? {};
  const set = workspaceFolderValue ?? workspaceValue ?? globalValue;
  await change("completions.languages", { ...set, [document.languageId]: on }, document);
}

/** The language's display name, such as `TypeScript`. Plain text is built into VS Code and listed by no extension. */
export function languageName(id: string): string {
  if (id === "plaintext") return "Plain Text";
  for (const { packageJSON } of extensions.all) {
    const languages: { id: string; aliases?: string[] }[] = packageJSON.contributes?.languages ?? [];
    const name = languages.find((language) => language.id === id)?.aliases?.[0];
    if (name) return name;
  }
  return id;
}
