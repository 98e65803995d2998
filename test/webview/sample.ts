// A lesson on a small shop in all its stages. All values are fixed.
import type { Lesson, LessonReport, LessonView } from "../../protocol";

const taken = [
  ["src/catalog/search.ts", 4812],
  ["src/orders/checkout.ts", 3960],
  ["src/orders/refunds.ts", 3127],
  ["src/catalog/import.ts", 2894],
  ["src/stock/forecast.ts", 2410, true],
  ["src/money.ts", 1702],
  ["src/stock/levels.ts", 1566],
  ["src/mail/templates.ts", 1204],
  ["test/checkout.test.ts", 1188],
  ["src/index.ts", 402],
  ["README.md", 377],
] as const;

const byProgram = "It was written by a program.";
const bySize = "It is larger than 256 KB.";
const left = [
  ["dist/index.js", "A .gitignore file leaves it out."],
  ["dist/index.js.map", "A .gitignore file leaves it out."],
  ["dist/orders.js", "A .gitignore file leaves it out."],
  [".env", "It may hold a password, a key or a token."],
  ["src/api.generated.ts", byProgram],
  ["package-lock.json", byProgram],
  ["fixtures/catalog.sql", bySize],
  ["images/logo.png", "It is neither code nor prose, but a picture, a font, an archive or data."],
] as const;

export const planned: LessonView = {
  workspace: "corner-shop",
  model: "SmolLM2-135M-Instruct",
  device: { kind: "cpu", name: "CPU, 8 threads", reason: "No GPU was found." },
  plan: {
    id: "7",
    adapter: "lora",
    taken: taken.map(([path, tokens, heldOut = false]) => ({ kind: "file", path, tokens, heldOut })),
    left: left.map(([path, reason]) => ({ path, reason })),
    tokens: 21_232,
    steps: 240,
    epochs: 5.8,
    minutes: 19.4,
    measuring: 3.1,
    tokensPerSecond: 105,
    memory: 612e6,
    parameters: 4_884_480,
  },
};

export const refused: LessonView = {
  ...planned,
  plan: {
    ...planned.plan,
    refused: "A training step needs 5.2 GB beside the model, and there are 3.1 GB.",
    minutes: 0,
    measuring: 0,
    tokensPerSecond: 0,
    memory: 0,
    parameters: 0,
  },
};

/** Falls like a training loss, with waves as noise. */
const lossOf = (step: number) =>
  1.62 + 0.85 * Math.exp(-step / 60) + 0.09 * Math.sin(step * 1.7) + 0.07 * Math.sin(step * 0.61 + 1);
const heldOutOf = (step: number) => 1.84 + 0.58 * Math.exp(-step / 50);

function lessonAt(step: number, more: Partial<Lesson>): Lesson {
  const curve: Lesson["curve"] = [{ step: 0, heldOut: heldOutOf(0) }];
  for (let i = 1; i <= step; i++) curve.push({ step: i, loss: lossOf(i), heldOut: i % 60 ? undefined : heldOutOf(i) });
  return { id: "7", state: "training", step, steps: 240, progress: 0.1 + (0.8 * step) / 240, curve, ...more };
}

export const training: LessonView = {
  ...planned,
  lesson: lessonAt(98, { tokensPerSecond: 104, secondsLeft: 714 }),
};

export const measuring: LessonView = {
  ...planned,
  lesson: lessonAt(0, { state: "measuring", progress: 0.04, curve: [], secondsLeft: 1120 }),
};

export const stopping: LessonView = { ...training, lesson: { ...training.lesson!, state: "stopping" } };

export const paused: LessonView = {
  ...planned,
  lesson: lessonAt(98, {
    state: "paused",
    reason: "The machine runs on battery. The lesson resumes by itself when it is plugged in.",
  }),
};

export const interrupted: LessonView = { ...training, detached: "interrupted" };

export const elsewhere: LessonView = { ...training, detached: "elsewhere" };

export const failed: LessonView = {
  ...planned,
  lesson: lessonAt(12, { state: "failed", reason: "The disk is full: make room and try again." }),
};

const report: LessonReport = {
  heldOutLoss: { before: 2.4203, after: 1.8447 },
  exactMatch: { before: 0.118, after: 0.192, lines: 204 },
  replayLoss: { before: 3.1032, after: 3.1299 },
  examples: [
    {
      path: "src/stock/forecast.ts",
      prompt: "export function demand(item: Item, days: number): Money {\n  const sold = salesOf(item, days);",
      truth: "  return times(item.price, sold.length / days);",
      before: "  return sold.reduce((a, b) => a + b, 0);",
      after: "  return times(item.price, sold.length / days);",
    },
    {
      path: "src/stock/forecast.ts",
      prompt: "  for (const order of ordersSince(start)) {",
      truth: '    if (order.status === "refunded") continue;',
      before: "    if (order.status === OrderStatus.PENDING) {",
      after: '    if (order.status === "cancelled") continue;',
    },
    {
      path: "src/stock/forecast.ts",
      prompt: 'import { type Item, itemById } from "../catalog/search";',
      truth: 'import { type Money, times } from "../money";',
      before: "",
      after: 'import { type Money, times } from "../money";',
    },
  ],
  minutes: 21.3,
  steps: 240,
};

export const done: LessonView = { ...planned, lesson: lessonAt(240, { state: "done", report }) };

export const worse: LessonView = {
  ...planned,
  lesson: lessonAt(240, {
    state: "done",
    report: {
      ...report,
      heldOutLoss: { before: 2.1, after: 2.31 },
      exactMatch: { ...report.exactMatch, after: 0.101 },
    },
  }),
};

export const kept: LessonView = { ...done, outcome: { kept: "corner-shop", path: "/adapters/shop.gguf", scale: 1 } };
