// "Snooze Completions" asks for how long. The status bar shows a crossed-out bell during the snooze.
import { commands, window } from "vscode";
import { snooze } from "../protocol";
import type { GlassboxContext } from "./context";

const durations = [5, 15, 30, 60, 240];

export function activate({ subscriptions, server }: GlassboxContext) {
  let until = 0;
  const send = (minutes: number) => {
    until = Date.now() + minutes * 60_000;
    return server.notify(snooze, { minutes });
  };
  subscriptions.push(
    commands.registerCommand("glassbox.snooze", async (minutes?: number) => {
      minutes ??= await askForMinutes(server.status.snoozedUntil);
      if (minutes !== undefined) await send(minutes);
    }),
    server.onStatus(({ state }) => {
      const left = until - Date.now();
      if (state === "ready" && left > 0) send(left / 60_000); // the server was restarted meanwhile
    }),
  );
}

async function askForMinutes(snoozedUntil?: number): Promise<number | undefined> {
  const items = durations.map((minutes) => ({
    label: minutes < 60 ? `${minutes} minutes` : minutes === 60 ? "1 hour" : `${minutes / 60} hours`,
    minutes,
  }));
  if (snoozedUntil) items.unshift({ label: "End the snooze", minutes: 0 });
  const picked = await window.showQuickPick(items, { title: "Glassbox: no completions for …" });
  return picked?.minutes;
}
