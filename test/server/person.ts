// Someone at work in an editor: what they do, and what the editor tells the server then. They wait for nothing but answers.
import assert from "node:assert/strict";
import {
  type CancellationToken,
  CancellationTokenSource,
  type InlineCompletionItem,
  type Range,
} from "vscode-languageserver-protocol/node";
import * as protocol from "../../protocol";
import type { Client } from "./client";

export interface Person {
  /** How often they did what. */
  readonly diary: { keys: number; cancelled: number; looked: number; suggested: number; accepted: number };
  /** Shows a file, which the server has not seen yet, with the caret at its end. */
  open(uri: string, text?: string, languageId?: string): Promise<void>;
  /** And goes into its last cell. */
  openNotebook(uri: string, cells: string[]): Promise<void>;
  switchTo(uri: string): Promise<void>;
  close(): Promise<void>;
  /** Puts the caret behind `text`, and rests there. */
  goBehind(text: string): Promise<void>;
  /** Key by key: through words without a look, so that each key calls off what the one before asked for. */
  type(text: string): Promise<void>;
  /** Looks what is suggested. */
  look(): Promise<InlineCompletionItem | undefined>;
  /** Takes what is suggested. */
  accept(): Promise<void>;
  /** Types so many characters of what is suggested. */
  typeAsSuggested(characters: number): Promise<void>;
  askByHand(): Promise<void>;
  replace(text: string, by: string): Promise<void>;
  /** What was replaced last. */
  undo(): Promise<void>;
  showPrompt(): Promise<void>;
  snooze(minutes: number): Promise<void>;
  changeSettings(settings: Partial<protocol.Settings>): Promise<void>;
  /** Chooses a file in Select Model…; the answer is the name of the model that is used then. */
  selectModel(path: string): Promise<string | undefined>;
  /** Of the server; the editor opens there again what was open. */
  restart(): Promise<void>;
  leave(): Promise<void>;
}

interface Asked {
  source: CancellationTokenSource;
  items: Promise<InlineCompletionItem[]>;
}

const ready = ({ state }: protocol.Status) => state === "ready";
const atWork = ({ state }: protocol.Status) => state === "busy";

/** `watch` is called after each of their doings. */
export async function sitDown(start: () => Promise<Client>, watch: (client: Client) => Promise<void>): Promise<Person> {
  const diary = { keys: 0, cancelled: 0, looked: 0, suggested: 0, accepted: 0 };
  const languages = new Map<string, string>(); // of what is open
  let client = await start();
  await client.until(ready);
  let uri = "";
  let asked: Asked | undefined;
  let replaced: [range: Range, text: string];

  /** The editor calls off what it asked before. */
  function ask(byHand = false) {
    asked?.source.cancel();
    const source = new CancellationTokenSource();
    asked = { source, items: answer(byHand, source.token) };
  }

  async function answer(byHand: boolean, token: CancellationToken) {
    try {
      return await client.complete(uri, { invoked: byHand, token });
    } catch (error) {
      if (!token.isCancellationRequested) throw error;
      return [];
    } finally {
      if (token.isCancellationRequested) diary.cancelled++;
    }
  }

  async function press(key: string) {
    diary.keys++;
    await client.type(uri, `${key}|`);
    ask();
  }

  async function look() {
    const [item] = await asked!.items;
    diary.looked++;
    if (item) diary.suggested++;
    await watch(client);
    return item;
  }

  async function suggestion() {
    const item = await look();
    assert.ok(item, `Nothing is suggested in ${uri} after:\n${client.text(uri).slice(-200)}`);
    return item;
  }

  async function rest() {
    await client.notify(protocol.caret, { textDocument: { uri }, position: client.caret(uri) });
    await watch(client);
  }

  async function edit(range: Range, text: string) {
    await client.edit(uri, range, text);
    ask();
    await look();
  }

  const person: Person = {
    diary,
    async open(next, text = "", languageId = "typescript") {
      uri = next;
      languages.set(uri, languageId);
      await client.open(uri, `${text}|`, languageId);
      await rest();
    },
    async openNotebook(notebook, cells) {
      uri = (await client.openNotebook(notebook, cells)).at(-1)!;
      await rest();
    },
    async switchTo(next) {
      uri = next;
      await rest();
    },
    async close() {
      languages.delete(uri);
      await client.close(uri);
      await watch(client);
    },
    async goBehind(text) {
      client.moveTo(uri, client.find(uri, text).end);
      await rest();
    },
    async type(text) {
      for (const [key] of text.matchAll(/\n *|./g)) {
        await press(key);
        if (!/\w/.test(key)) await look();
        else if (diary.keys % 2) await Promise.race([asked!.items, client.until(atWork)]); // so that some stop the engine
      }
    },
    look,
    async accept() {
      const { insertText, range, command } = await suggestion();
      await client.edit(uri, range!, String(insertText));
      await client.notify(protocol.accepted, command!.arguments![0]);
      diary.accepted++;
      ask();
      await look();
    },
    async typeAsSuggested(characters) {
      for (const key of String((await suggestion()).insertText).slice(0, characters)) {
        await press(key);
        await look();
      }
    },
    async askByHand() {
      ask(true);
      await suggestion();
    },
    async replace(text, by) {
      const { start, end } = client.find(uri, text);
      await edit({ start, end }, by);
      replaced = [{ start, end: client.caret(uri) }, text];
    },
    undo: () => edit(...replaced),
    async showPrompt() {
      assert.ok(await client.request(protocol.showPrompt, { textDocument: { uri } }));
      await watch(client);
    },
    async snooze(minutes) {
      await client.notify(protocol.snooze, { minutes });
      await client.until(({ state }) => (state === "snoozed") === minutes > 0);
      await watch(client);
    },
    async changeSettings(settings) {
      client.configure(settings);
      await watch(client);
    },
    async selectModel(path) {
      await client.request(protocol.models, {});
      const result = await client.request(protocol.selectModel, { path });
      if ("model" in result) client.configure({ model: { ...client.settings.model, path } });
      await watch(client);
      return client.statuses.at(-1)!.model?.name;
    },
    async restart() {
      const texts = [...languages].map(([uri, languageId]) => [uri, client.text(uri), languageId]);
      await client.stop();
      client = await start();
      await client.until(ready);
      for (const [uri, text, languageId] of texts) await client.open(uri, `${text}|`, languageId);
      await rest();
    },
    async leave() {
      await look();
      for (const open of languages.keys()) await client.close(open);
      await watch(client);
      await client.stop();
    },
  };
  return person;
}
