// Simulates a user of the editor: each action sends what an editor sends for it, and waits for nothing but answers.
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
  /** How often each action was taken. */
  readonly counts: { keys: number; cancelled: number; looked: number; suggested: number; accepted: number };
  /** Opens a new file with the caret at its end. */
  open(uri: string, text?: string, languageId?: string): Promise<void>;
  /** Opens a notebook with the caret in its last cell. */
  openNotebook(uri: string, cells: string[]): Promise<void>;
  switchTo(uri: string): Promise<void>;
  close(): Promise<void>;
  /** Moves the caret behind `text`. */
  moveBehind(text: string): Promise<void>;
  /** Types key by key. Within words it does not wait for the completions, so each key cancels the request of the one before. */
  type(text: string): Promise<void>;
  /** Waits for the completion, and returns it. */
  look(): Promise<InlineCompletionItem | undefined>;
  /** Accepts the completion. */
  accept(): Promise<void>;
  /** Types the first characters of the completion. */
  typeSuggestion(characters: number): Promise<void>;
  invoke(): Promise<void>;
  replace(text: string, by: string): Promise<void>;
  /** Undoes the last `replace`. */
  undo(): Promise<void>;
  showPrompt(): Promise<void>;
  snooze(minutes: number): Promise<void>;
  changeSettings(settings: Partial<protocol.Settings>): Promise<void>;
  /** Chooses a file in Select Model…, and returns the name of the model that is in use then. */
  selectModel(path: string): Promise<string | undefined>;
  /** Restarts the server, and opens the documents again. */
  restart(): Promise<void>;
  leave(): Promise<void>;
}

interface Request {
  source: CancellationTokenSource;
  items: Promise<InlineCompletionItem[]>;
}

const ready = ({ state }: protocol.Status) => state === "ready";
const atWork = ({ state }: protocol.Status) => state === "busy";

/** `watch` is called after each action. */
export async function createPerson(
  start: () => Promise<Client>,
  watch: (client: Client) => Promise<void>,
): Promise<Person> {
  const counts = { keys: 0, cancelled: 0, looked: 0, suggested: 0, accepted: 0 };
  const languages = new Map<string, string>(); // of the open documents
  let client = await start();
  await client.until(ready);
  let uri = "";
  let request: Request | undefined;
  let replaced: [range: Range, text: string];

  /** Requests a completion. The editor cancels the request before it. */
  function ask(invoked = false) {
    request?.source.cancel();
    const source = new CancellationTokenSource();
    request = { source, items: answer(invoked, source.token) };
  }

  async function answer(invoked: boolean, token: CancellationToken) {
    try {
      return await client.complete(uri, { invoked, token });
    } catch (error) {
      if (!token.isCancellationRequested) throw error;
      return [];
    } finally {
      if (token.isCancellationRequested) counts.cancelled++;
    }
  }

  async function press(key: string) {
    counts.keys++;
    await client.type(uri, `${key}|`);
    ask();
  }

  async function look() {
    const [item] = await request!.items;
    counts.looked++;
    if (item) counts.suggested++;
    await watch(client);
    return item;
  }

  async function suggestion() {
    const item = await look();
    assert.ok(item, `There is no completion in ${uri} after:\n${client.text(uri).slice(-200)}`);
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
    counts,
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
    async moveBehind(text) {
      client.moveTo(uri, client.find(uri, text).end);
      await rest();
    },
    async type(text) {
      for (const [key] of text.matchAll(/\n *|./g)) {
        await press(key);
        if (!/\w/.test(key)) await look();
        else if (counts.keys % 2) await Promise.race([request!.items, client.until(atWork)]); // so that some interrupt the engine
      }
    },
    look,
    async accept() {
      const { insertText, range, command } = await suggestion();
      await client.edit(uri, range!, String(insertText));
      await client.notify(protocol.accepted, command!.arguments![0]);
      counts.accepted++;
      ask();
      await look();
    },
    async typeSuggestion(characters) {
      for (const key of String((await suggestion()).insertText).slice(0, characters)) {
        await press(key);
        await look();
      }
    },
    async invoke() {
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
