// A lesson in its three stages: the plan, the progress, the report.
import type { LessonView } from "../../protocol";
import type { StageProps } from "./parts";
import { Plan } from "./plan";
import { Progress } from "./progress";
import { Report } from "./report";

export function LessonPage(props: StageProps) {
  const { lesson } = props.view;
  const Stage = !lesson ? Plan : lesson.report ? Report : Progress;
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
  done: "The lesson is over",
  stopped: "The lesson was stopped",
  failed: "The lesson failed",
};

/** What a screen reader says when it changes: not every percent. */
function announced({ lesson, interrupted }: LessonView): string {
  if (!lesson) return "";
  if (interrupted) return "The lesson was cut short";
  return [states[lesson.state], lesson.reason].filter(Boolean).join(". ");
}
