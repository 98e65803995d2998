// Helpers for tests of lessons, on a tiny model.
import assert from "node:assert/strict";
import * as protocol from "../../../protocol";
import { defaults } from "../../../server/settings";
import { type Client, type ClientOptions, startClient } from "../client";
import { project } from "./project";

export const model = "test/engine/models/fixtures/llama.gguf";
const ready = ({ state }: protocol.Status) => state === "ready";

/** Starts the server in the project's workspace, and waits for the model. */
export async function startServer(storage: string, more: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await startClient({
    settings: { device: "cpu", threads: 1, model: { ...defaults.model, path: model } },
    storage,
    folders: [project.folder],
    files: project.files,
    ...more,
  });
  await client.until(ready);
  return client;
}

export async function plan(client: Client, params: Partial<protocol.PlanLessonParams> = {}) {
  const result = await client.request(protocol.planLesson, {
    source: project.listed,
    adapter: "lora",
    minutes: 60,
    ...params,
  });
  assert.ok("plan" in result, JSON.stringify(result));
  return result.plan;
}

type Action = protocol.ControlLessonParams["action"];

export const control = (client: Client, id: string, action: Action, more: { reason?: string; name?: string } = {}) =>
  client.request(protocol.controlLesson, { id, action, ...more });

/** Controls a lesson. Fails if there is a problem. */
export async function did(client: Client, id: string, action: Action, more = {}) {
  const result = await control(client, id, action, more);
  assert.ok(!("problem" in result), JSON.stringify(result));
  return result;
}

export const inState = (state: protocol.Lesson["state"]) => (lesson: protocol.Lesson) => lesson.state === state;

/** Waits for the end of a lesson. Fails if it failed. */
export async function report(client: Client, id: string): Promise<protocol.LessonReport> {
  const { state, reason, report } = await client.untilLesson(id, ({ state }) => state === "done" || state === "failed");
  assert.equal(state, "done", reason);
  return report!;
}

/** All points of the loss curve that the client has received. */
export function curve({ lessons }: Client, id: string): protocol.Lesson["curve"] {
  return lessons.filter((lesson) => lesson.id === id).flatMap((lesson) => lesson.curve);
}
