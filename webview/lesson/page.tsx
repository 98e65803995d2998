// A lesson in its three stages: the plan, the progress, the report.
import type { LessonView } from "../../protocol";
import type { StageProps } from "./parts";
import { Plan } from "./plan";
import { Progress } from "./progress";
import { Report } from "./report";

export function LessonPage(props: StageProps) {
  const { lesson, elsewhere } = props.view;
  const Stage = !lesson ? Plan : lesson.report && !elsewhere ? Report : Progress;
  return (
    <>
      <p class="unseen" role="status">
        {announced(props.view)}
      </p>
      <Stage {...props} />
    </>
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

/** What a screen reader says when it changes: not every percent. */
function announced({ lesson, interrupted, elsewhere }: LessonView): string {
  if (!lesson) return "";
  if (elsewhere) return "The lesson is open in another window";
  if (interrupted) return "The lesson was cut short";
  return [states[lesson.state], lesson.reason].filter(Boolean).join(". ");
}
