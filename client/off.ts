// Where no completions come by themselves: why that is, and the switch that changes it. The status bar, the language status,
// the menu and Trigger Completion tell.
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
  /** Whether Trigger Completion brings one all the same. */
  byHand: boolean;
  switch?: { label: string; run(): Promise<unknown> };
}

/** What holds for the active editor. */
export interface OffHere {
  readonly current: Off | undefined;
  /** It may have changed. */
  readonly onChange: Event<void>;
}

/** The editor shows its extensions files up to this size. */
const mostBytes = 50 * 1024 * 1024;

export function followOff(subscriptions: Disposable[], server: Server): OffHere {
  const changed = new EventEmitter<void>();
  const tell = () => changed.fire();
  let large: Uri | undefined;

  /** A file that is too large for extensions has no editor for them, as one that is not there yet. */
  async function lookAtSize() {
    const { input } = window.tabGroups.activeTabGroup.activeTab ?? {};
    const uri = input instanceof TabInputText ? input.uri : undefined;
    const size =
      uri &&
      (await workspace.fs.stat(uri).then(
        ({ size }) => size,
        () => 0,
      ));
    large = size && size > mostBytes ? uri : undefined;
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
      why: "The editor shows no ghost text.",
      byHand: false,
      switch: { label: "Show Ghost Text", run: () => change("inlineSuggest.enabled", true, document, "editor") },
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

/** Why there can be no ghost text here, whatever is set. */
function whyNever(document: TextDocument | undefined, large: boolean): string | undefined {
  if (!document) return large ? "This file is so large that the editor shows it to no extension." : undefined;
  if (!isSource(document)) return "Nothing is written in this document but by the editor.";
  if (workspace.fs.isWritableFileSystem(document.uri.scheme) === false) return "This document is read-only.";
}

/** Whether the active editor is one side of a comparison. */
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

/** As the editor shows it: `TypeScript` for `typescript`. Plain text is the editor's own language, in no extension. */
export function languageName(id: string): string {
  if (id === "plaintext") return "Plain Text";
  for (const { packageJSON } of extensions.all) {
    const languages: { id: string; aliases?: string[] }[] = packageJSON.contributes?.languages ?? [];
    const name = languages.find((language) => language.id === id)?.aliases?.[0];
    if (name) return name;
  }
  return id;
}
