// The panel that all views share, with a test's view (test/client/views/echo) that sends back the data it receives.
import { deepEqual, equal } from "node:assert/strict";
import { commands, type Disposable, EventEmitter, Uri, window, workspace } from "vscode";
import { createPanel, type Panel } from "../../../client/panel";
import type { View } from "../../../protocol";
import { extension } from "./glassbox";

interface Data {
  name: string;
  values: Float32Array;
  ids: BigUint64Array;
  bytes: ArrayBuffer;
}

interface Echo {
  echo: Data;
  times: number;
  refused: string[];
}

const echo = "echo" as View<Data, Echo, { times: number }>;

describe("a panel", () => {
  const subscriptions: Disposable[] = [];
  const heard = new EventEmitter<Echo>();
  const next = () => new Promise<Echo>((resolve) => heard.event(resolve, undefined, subscriptions));
  const data: Data = {
    name: "first",
    values: new Float32Array([0.5, Number.NaN, -1]).subarray(1),
    ids: new BigUint64Array([2n ** 63n]),
    bytes: new Uint8Array([1, 2, 3]).buffer,
  };
  let shown: Data | undefined;
  let panel: Panel;

  before(() => {
    const extensionUri = Uri.joinPath(extension().extensionUri, "dist/test/client/views");
    panel = createPanel({ extensionUri, subscriptions }, echo, {
      data: () => shown,
      title: ({ name }) => name,
      act: (action) => heard.fire(action),
    });
  });
  after(() => {
    for (const one of subscriptions) one.dispose();
  });

  it("is not opened while there is nothing to show", async () => {
    await panel.show();
    equal(panel.visible, false);
  });

  it("sends typed arrays and buffers to its view and back", async () => {
    shown = data;
    const answer = next();
    await panel.show();
    deepEqual((await answer).echo, data);
    equal(window.tabGroups.activeTabGroup.activeTab?.label, "first");
  });

  it("sends changed data to the view, and changes its title", async () => {
    shown = { ...data, name: "second", values: new Float32Array(100_000).fill(1) };
    const answer = next();
    panel.update();
    deepEqual((await answer).echo, shown);
    equal(window.tabGroups.activeTabGroup.activeTab?.label, "second");
  });

  it("lets the view load only its own files and run only its own scripts", async () => {
    const answer = next();
    panel.update();
    const { refused } = await answer;
    deepEqual([...new Set(refused)].sort(), ["connect-src", "img-src", "script-src-elem", "style-src-attr"]);
  });

  it("gives a view that was hidden its data and its kept state again", async () => {
    const before = next();
    panel.update();
    const { times } = await before;
    await window.showTextDocument(await workspace.openTextDocument({ content: "" }));
    equal(panel.visible, false);
    const answer = next();
    await panel.show();
    deepEqual({ ...(await answer), refused: [] }, { echo: shown, times: times + 1, refused: [] });
  });

  it("closes when there is nothing to show any more", async () => {
    shown = undefined;
    panel.update();
    equal(panel.visible, false);
    await commands.executeCommand("workbench.action.closeAllEditors");
  });
});
