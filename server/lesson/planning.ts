// Plans a lesson: chooses the files, measures a training step on this machine, and takes as many steps and files as there is
// time for.
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
import { workspaceOf } from "../adapters/inUse";
import type { Context } from "../context";
import type { Host } from "../engine/host";
import type { EngineProxy } from "../engine/proxy";
import { whyNoModel } from "../status";
import { type LessonText, type Progress, sourcesOf } from "./sources";

/** Epochs of a lesson that this machine cannot run, and which can only be exported. */
const exportEpochs = 3;

/** Plans a lesson and stores it. Throws, with a sentence for the user, if there can be none. */
export async function createPlan(context: Context, params: PlanLessonParams, progress: Progress): Promise<LessonPlan> {
  const { lessons, folders, host } = context;
  const { source, adapter, minutes } = params;
  const { signal } = progress;
  const { engine } = host;
  if (!engine) throw new Error(whyNoModel(context.status.current));

  const count = (texts: string[]) => engine.runTask("count", texts, signal);
  const { leftOut, learned, heldOut } = await sourcesOf(context, source, count, {
    signal,
    report: (share, what) => progress.report(0.7 * share, what),
  });

  progress.report(0.75, "Trying a training step");
  const probe = fineTuningOptions(adapter, 1);
  const tried = await tryStep(host, engine, probe, signal);
  const stepTokens = tokensOfStep(probe, engine.info);
  const length = sequenceLength(engine.info);
  const epoch = sum(learned) / stepTokens;
  const held = { all: sum(heldOut), prose: sum(heldOut.filter(({ text }) => !isPair(text))) };
  const durations = (steps: number) => durationsOf({ ...probe, steps }, tried.speed, held, length);
  const steps = tried.refused
    ? Math.ceil(exportEpochs * epoch)
    : stepsWithin(minutes, epoch, (steps) => totalOf(durations(steps), steps));
  const options = fineTuningOptions(adapter, steps);
  const { read, unread } = withinTime(learned, steps * stepTokens);
  const plan: LessonPlan = {
    id: randomUUID(),
    adapter,
    taken: [...read.map((file) => entry(file, false)), ...heldOut.map((file) => entry(file, true))].sort(
      (a, b) => b.tokens - a.tokens,
    ),
    left: [...leftOut, ...unread.map(({ path }) => ({ path, reason: noTime }))],
    tokens: sum(read),
    steps,
    epochs: (steps * stepTokens) / sum(read),
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

/** The time and memory of a training step, or the reason why this machine cannot take one. */
async function tryStep(
  host: Host,
  engine: EngineProxy,
  options: FineTuningOptions,
  signal: AbortSignal,
): Promise<TriedStep & { refused?: string }> {
  try {
    return await engine.runTask("tryStep", options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (host.engine !== engine) throw error;
    const speed = { step: 0, loss: 0, read: 0, write: 0 };
    return { speed, memory: 0, parameters: 0, refused: (error as Error).message };
  } finally {
    await host.replaceWorker(engine);
  }
}

/** As many files as hold `tokens` tokens, or all. They are drawn by a hash of their paths, so that they are the same each time. */
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

const noTime = "There is not enough time for it.";

const entry = ({ kind, path, tokens }: LessonText, heldOut: boolean) => ({ kind, path, tokens, heldOut });
const sum = (files: readonly LessonText[]) => files.reduce((sum, { tokens }) => sum + tokens, 0);
