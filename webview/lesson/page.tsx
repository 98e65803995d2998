// Chooses what to show of the lesson: its plan, its progress, its report, or that it is open in another window.
import type { LessonView } from "../../protocol";
import type { StageProps } from "./parts";
import { Plan } from "./plan";
import { Progress } from "./progress";
import { Report } from "./report";

export function LessonPage(props: StageProps) {
  const { lesson, detached } = props.view;
  const Stage = detached === "elsewhere" ? Elsewhere : !lesson ? Plan : lesson.report ? Report : Progress;
  return (
    <>
      <p class="unseen" role="status">
        {announced(props.view)}
      </p>
      <Stage {...props} />
    </>
  );
}

/** It shows no progress, since only the other window receives it. */
function Elsewhere() {
  return (
    <header>
      <h1>Open in another window</h1>
      <p class="lead">This lesson can be controlled there. When that window is closed, it can go on in this one.</p>
    </header>
  );
}

const states = {
  measuring: "Measuring",
  training: "Teaching",
  paused: "Paused",
  stopping: "Stopping",
  done: "The lesson is over",
  stopped: "The lesson was stopped",
  failed: "The lesson failed",
};

/** The text that a screen reader announces when it changes. It leaves out the progress, which changes all the time. */
function announced({ lesson, detached }: LessonView): string {
  if (!lesson) return "";
  if (detached === "elsewhere") return "The lesson is open in another window";
  if (detached === "interrupted") return "The lesson was cut short";
  return [states[lesson.state], lesson.reason].filter(Boolean).join(". ");
}
