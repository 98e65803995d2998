// The stage during the lesson: its progress, the losses so far, and the buttons that pause, resume and stop it.
import type { Lesson, LessonCommand, LessonView } from "../../protocol";
import { count, duration, nats, percent } from "../words";
import { Curve, CurveTable } from "./curve";
import { Button, Figure, type StageProps } from "./parts";
import { heldOut, losses, type Point, smooth } from "./smooth";

export function Progress(props: StageProps) {
  const lesson = props.view.lesson!;
  const { heading, text, offered } = situation(props.view, lesson);
  return (
    <>
      <header class="going">
        <div>
          <h1>{heading}</h1>
          <p class="lead">{text}</p>
        </div>
        <div class="actions">
          {offered.map(([action, name, primary]) => (
            <Button key={action} {...props} action={action} primary={primary}>
              {name}
            </Button>
          ))}
        </div>
        <progress aria-label="The lesson" max={1} value={Number(lesson.progress.toFixed(4))} />
      </header>
      <Figures lesson={lesson} />
      {lesson.curve.length > 0 && (
        <>
          <Curve lesson={lesson} />
          <CurveTable lesson={lesson} />
        </>
      )}
    </>
  );
}

interface Situation {
  heading: string;
  text: string;
  offered: [action: LessonCommand, name: string, primary?: boolean][];
}

function situation({ detached, model = "the model" }: LessonView, lesson: Lesson): Situation {
  const { state, reason, step, steps, progress } = lesson;
  const done = percent(Math.floor(progress * 100) / 100, 0);
  if (detached === "interrupted")
    return {
      heading: "Cut short",
      text: `The server ended at step ${count(step)} of ${count(steps)}. The lesson can go on from its last checkpoint.`,
      offered: [
        ["start", "Go On", true],
        ["discard", "Discard"],
      ],
    };
  if (state === "failed" || state === "stopped")
    return {
      heading: state === "failed" ? "The lesson failed" : "Stopped",
      text: reason ?? (state === "failed" ? "The log says why." : "There was nothing to measure yet."),
      offered: [
        ["start", "Try Again", true],
        ["showLog", "Show Log"],
        ["discard", "Discard"],
      ],
    };
  if (state === "paused")
    return {
      heading: "Paused",
      text: reason ?? "Nothing is lost; it goes on where it stopped.",
      offered: [
        ["resume", reason ? "Go On Now" : "Resume", true],
        ["stop", "Stop and Measure"],
      ],
    };
  if (state === "stopping")
    return {
      heading: "Stopping …",
      text: step === 0 ? "Nothing was learned yet." : "The current step is abandoned; the result is measured.",
      offered: [],
    };
  if (state === "measuring")
    return step === 0
      ? {
          heading: `Measuring what it knows, ${done}`,
          text: reason ?? `First, what ${model} knows of these files already. Then it starts to learn.`,
          offered: [["stop", "Stop"]],
        }
      : {
          heading: `Measuring what it learned, ${done}`,
          text: "The result is measured on the held-out files and on replay data.",
          offered: [],
        };
  return {
    heading: `Teaching, ${done}`,
    text: reason ?? "You can go on working: completions come first.",
    offered: [
      ["pause", "Pause"],
      ["stop", "Stop and Measure"],
    ],
  };
}

function Figures({ lesson }: { lesson: Lesson }) {
  const { step, steps, tokensPerSecond, secondsLeft } = lesson;
  const line = smooth(losses(lesson));
  const measured = heldOut(lesson);
  const last = (points: Point[]) => (points.length ? nats(points.at(-1)!.value) : "–");
  const first = (points: Point[]) => (points.length > 1 ? `from ${nats(points[0]!.value)}` : undefined);
  return (
    <dl class="figures">
      <Figure name="Step" value={count(step)} note={`of ${count(steps)}`} />
      <Figure name="Loss" value={last(line)} note={first(line)} />
      <Figure name="Held out" value={last(measured)} note={first(measured)} />
      <Figure name="Speed" value={tokensPerSecond ? count(tokensPerSecond) : "–"} note="tokens/s" />
      <Figure name="Time left" value={secondsLeft === undefined ? "–" : duration(secondsLeft)} />
    </dl>
  );
}
