// Compares the lesson's panel in all its stages with HTML that a person has looked at and approved. After an intended change,
// delete the file in snapshots/ and run the tests, which write it anew and fail once.
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact-render-to-string";
import type { LessonView } from "../../protocol";
import { LessonPage } from "../../webview/lesson/page";
import * as sample from "./sample";
import { matchesSnapshot } from "./snapshot";

const page = (view: LessonView, choices = {}) =>
  render(
    LessonPage({
      view,
      choices: { filter: "", name: view.workspace, scale: 1, all: false, ...choices },
      act() {},
      choose() {},
    }),
  );

for (const [name, view] of Object.entries(sample))
  test(`the stage "${name}" equals its snapshot`, () => matchesSnapshot(name, page(view)));

test("a filter shows only the matching files, with the groups of reasons opened", () => {
  matchesSnapshot("filtered", page(sample.planned, { filter: "dist" }));
});

test("markup in paths, reasons and completions is shown as text", () => {
  const evil = '<img src=x onerror="alert(1)">';
  const { plan, lesson } = sample.done;
  const report = {
    ...lesson!.report!,
    examples: [{ path: evil, prompt: evil, truth: evil, before: evil, after: evil }],
  };
  const views: LessonView[] = [
    {
      ...sample.planned,
      plan: {
        ...plan,
        taken: [{ kind: "file", path: evil, tokens: 1, heldOut: false }],
        left: [{ path: evil, reason: evil }],
      },
    },
    { ...sample.done, lesson: { ...lesson!, report } },
  ];
  for (const view of views) ok(!page(view).includes("<img"));
});
