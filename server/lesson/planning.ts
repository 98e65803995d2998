// A lesson before it is given: the files that it takes, as many as there is time for, and a training step that was tried.
import { createHash, randomUUID } from "node:crypto";
import { basename } from "node:path/posix";
import {
  durationsOf,
  type FineTuningOptions,
  fineTuningOptions,
  isPair,
  sequenceLength,
  stepsWithin,
  type TriedStep,
  tokensOfStep,
  totalOf,
} from "../../engine";
import type { LessonPlan, PlanLessonParams } from "../../protocol";
import { workspaceOf } from "../adapters/uses";
import type { Context } from "../context";
import type { Host } from "../engine/host";
import type { EngineProxy } from "../engine/proxy";
import { whyNoModel } from "../status";
import { type LessonText, type Progress, sourcesOf } from "./sources";

/** For a machine that cannot give the lesson, and one that is given it to export. */
const usualEpochs = 3;

/** Plans the lesson and puts it into the storage. Throws, with a sentence for the user, where there can be none. */
export async function planned(context: Context, params: PlanLessonParams, progress: Progress): Promise<LessonPlan> {
  const { lessons, folders, host } = context;
  const { source, adapter, minutes } = params;
  const { signal } = progress;
  const { engine } = host;
  if (!engine) throw new Error(whyNoModel(context.status.current));

  const count = (texts: string[]) => engine.do("count", texts, signal);
  const { left, learned, heldOut } = await sourcesOf(context, source, count, {
    signal,
    report: (share, what) => progress.report(0.7 * share, what),
  });

  progress.report(0.75, "Trying a training step");
  const probe = fineTuningOptions(adapter, 1);
  const tried = await tryStep(host, engine, probe, signal);
  const each = tokensOfStep(probe, engine.info);
  const length = sequenceLength(engine.info);
  const epoch = sum(learned) / each;
  const held = { all: sum(heldOut), prose: sum(heldOut.filter(({ text }) => !isPair(text))) };
  const durations = (steps: number) => durationsOf({ ...probe, steps }, tried.speed, held, length);
  const steps = tried.refused
    ? Math.ceil(usualEpochs * epoch)
    : stepsWithin(minutes, epoch, (steps) => totalOf(durations(steps), steps));
  const options = fineTuningOptions(adapter, steps);
  const { read, unread } = withinTime(learned, steps * each);
  const plan: LessonPlan = {
    id: randomUUID(),
    adapter,
    taken: [...read.map((file) => entry(file, false)), ...heldOut.map((file) => entry(file, true))].sort(
      (a, b) => b.tokens - a.tokens,
    ),
    left: [...left, ...unread.map(({ path }) => ({ path, reason: noTime }))],
    tokens: sum(read),
    steps,
    epochs: (steps * each) / sum(read),
    minutes: totalOf(durations(steps), steps) / 60_000,
    measuring: (totalOf(durations(steps), steps) - steps * tried.speed.step) / 60_000,
    tokensPerSecond: tried.speed.step && (1000 * options.size * length) / tried.speed.step,
    memory: tried.memory,
    parameters: tried.parameters,
    refused: tried.refused,
  };

  const workspace = workspaceOf(folders);
  const { request, info, base, fillsInMiddle } = engine;
  const name = decodeURIComponent(basename(folders[0] ?? "")) || "Lesson";
  const material = { learned: read.map(({ text }) => text), heldOut: heldOut.map(({ text }) => text) };
  const lesson = {
    plan,
    name,
    options,
    durations: durations(steps),
    workspace,
    model: { path: request.path, name: info.name, base, fillsInMiddle },
  };
  signal.throwIfAborted();
  await lessons.add(lesson, material);
  return plan;
}

/** What it takes, or why this machine cannot give a lesson. */
async function tryStep(
  host: Host,
  engine: EngineProxy,
  options: FineTuningOptions,
  signal: AbortSignal,
): Promise<TriedStep & { refused?: string }> {
  try {
    return await engine.do("tryStep", options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (host.engine !== engine) throw error;
    const speed = { step: 0, loss: 0, read: 0, write: 0 };
    return { speed, memory: 0, parameters: 0, refused: (error as Error).message };
  } finally {
    await host.renew(engine);
  }
}

/** All, or as many as hold so many tokens, drawn by their paths: the same ones each time. */
function withinTime(files: readonly LessonText[], tokens: number): { read: LessonText[]; unread: LessonText[] } {
  const drawn = files.map((file) => ({ file, place: digest(file.path) })).sort((a, b) => (a.place < b.place ? -1 : 1));
  const kept = new Set<LessonText>();
  for (let left = tokens; left > 0 && kept.size < drawn.length; ) {
    const { file } = drawn[kept.size];
    kept.add(file);
    left -= file.tokens;
  }
  return { read: files.filter((file) => kept.has(file)), unread: files.filter((file) => !kept.has(file)) };
}

const digest = (path: string) => createHash("sha256").update(`read ${path}`).digest("hex");

const noTime = "There is no time for it.";

const entry = ({ kind, path, tokens }: LessonText, heldOut: boolean) => ({ kind, path, tokens, heldOut });
const sum = (files: readonly LessonText[]) => files.reduce((sum, { tokens }) => sum + tokens, 0);
