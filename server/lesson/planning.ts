// A lesson before it is given: the files that it takes, as many as there is time for, and a training step that was tried.
import { createHash, randomUUID } from "node:crypto";
import { basename } from "node:path/posix";
import {
  type FineTuningOptions,
  fineTuningOptions,
  isPair,
  sequenceLength,
  stepsWithin,
  tokensOfStep,
} from "../../engine";
import type { LessonPlan, PlanLessonParams } from "../../protocol";
import { workspaceOf } from "../adapters/uses";
import type { Context } from "../context";
import type { Host } from "../engine/host";
import type { EngineProxy } from "../engine/proxy";
import { type LessonText, type Progress, sourcesOf } from "./sources";
import { lessonFolder, tidyLessons, writeLesson } from "./stored";

interface Counted extends LessonText {
  tokens: number;
}

/** For a machine that cannot give the lesson, and one that is given it to export. */
const usualEpochs = 3;

/** Plans the lesson and puts it into the storage. Throws, with a sentence for the user, where there can be none. */
export async function planned(context: Context, params: PlanLessonParams, progress: Progress): Promise<LessonPlan> {
  const { storage, lessons, folders, host } = context;
  const { source, adapter, minutes } = params;
  const { signal } = progress;
  const { model } = host;
  if (!storage) throw new Error("This editor gave Glassbox no folder to keep lessons in.");
  if (!model) throw new Error("There is no model yet. Wait until one is loaded.");
  if (lessons.isGoingOn) throw new Error("A lesson is going on. Stop or discard it first.");

  const { left, ...sources } = await sourcesOf(context, source, {
    signal,
    report: (share, what) => progress.report(0.6 * share, what),
  });
  progress.report(0.6, "Counting tokens");
  const learned = await counted(sources.learned);
  const heldOut = await counted(sources.heldOut);

  progress.report(0.75, "Trying a training step");
  const probe = fineTuningOptions(adapter, 1);
  const tried = await tryStep(host, model, probe, signal);
  const each = tokensOfStep(probe, model.info);
  const epoch = sum(learned) / each;
  const steps = "refused" in tried ? Math.ceil(usualEpochs * epoch) : stepsWithin(minutes, tried.milliseconds, epoch);
  const options = fineTuningOptions(adapter, steps);
  const { read, unread } = withinTime(learned, steps * each);
  const step = "refused" in tried ? untried : tried;
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
    minutes: (steps * step.milliseconds) / 60_000,
    tokensPerSecond: step.milliseconds && (1000 * options.size * sequenceLength(model.info)) / step.milliseconds,
    memory: step.memory,
    parameters: step.parameters,
    refused: "refused" in tried ? tried.refused : undefined,
  };

  const workspace = workspaceOf(folders);
  await tidyLessons(storage, workspace);
  signal.throwIfAborted();
  const { request, info, base, fillsInMiddle } = model;
  const name = decodeURIComponent(basename(folders[0] ?? "")) || "Lesson";
  const material = { learned: read.map(({ text }) => text), heldOut: heldOut.map(({ text }) => text) };
  const lesson = {
    plan,
    name,
    options,
    workspace,
    model: { path: request.path, name: info.name, base, fillsInMiddle },
  };
  await writeLesson(lessonFolder(storage, plan.id)!, lesson, material);
  return plan;

  async function counted(sources: LessonText[]): Promise<Counted[]> {
    const texts = sources.map(({ text }) => (isPair(text) ? text.prompt + text.response : text.text));
    const counts = await model!.do("count", texts, signal);
    return sources.map((source, i) => ({ ...source, tokens: counts[i] }));
  }
}

async function tryStep(host: Host, model: EngineProxy, options: FineTuningOptions, signal: AbortSignal) {
  try {
    return await model.do("tryStep", options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (host.model !== model) throw error;
    return { refused: (error as Error).message };
  }
}

const untried = { milliseconds: 0, memory: 0, parameters: 0 };

/** All, or as many as hold so many tokens, drawn by their paths: the same ones each time. */
function withinTime(files: readonly Counted[], tokens: number): { read: Counted[]; unread: Counted[] } {
  const drawn = files.map((file) => ({ file, place: digest(file.path) })).sort((a, b) => (a.place < b.place ? -1 : 1));
  const kept = new Set<Counted>();
  for (let left = tokens; left > 0 && kept.size < drawn.length; ) {
    const { file } = drawn[kept.size];
    kept.add(file);
    left -= file.tokens;
  }
  return { read: files.filter((file) => kept.has(file)), unread: files.filter((file) => !kept.has(file)) };
}

const digest = (path: string) => createHash("sha256").update(`read ${path}`).digest("hex");

const noTime = "There is no time for it.";

const entry = ({ kind, path, tokens }: Counted, heldOut: boolean) => ({ kind, path, tokens, heldOut });
const sum = (files: readonly Counted[]) => files.reduce((sum, { tokens }) => sum + tokens, 0);
