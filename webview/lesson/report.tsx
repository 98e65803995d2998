// The stage after the lesson: three figures and some examples that say whether it helped, and the form to keep or discard it.
import type { BeforeAfter, LessonReport } from "../../protocol";
import { change, count, duration, nats, percent, signed } from "../words";
import { Curve, CurveTable } from "./curve";
import { Examples } from "./examples";
import { Keep } from "./keep";
import { type Judged, Outcome } from "./outcome";
import type { StageProps } from "./parts";
import { adapterNames } from "./plan";

export function Report(props: StageProps) {
  const { plan, model, lesson, outcome } = props.view;
  const report = lesson!.report!;
  const { heldOutLoss, exactMatch, replayLoss } = report;
  const { heading, text, advice } = verdict(heldOutLoss);
  return (
    <>
      <header>
        <h1>{heading}</h1>
        <p class="lead">
          {text} {outcome ? "" : advice}
        </p>
        <Keep {...props} />
      </header>
      <div class="outcomes">
        <Outcome
          name="Held-out loss"
          value={heldOutLoss}
          show={nats}
          difference={change(heldOutLoss)}
          judged={judgeLoss(heldOutLoss)}
          explanation="how surprising it is to the model"
        />
        {exactMatch.lines > 0 && (
          <Outcome
            name="Lines completed exactly"
            value={exactMatch}
            show={percent}
            difference={points(exactMatch)}
            judged={judgeShare(exactMatch)}
            explanation={`of ${count(exactMatch.lines)} lines held out`}
          />
        )}
        <Outcome
          name="Loss on replay data"
          value={replayLoss}
          show={nats}
          difference={change(replayLoss)}
          judged={judgeLoss(replayLoss)}
          explanation={forgotten[judgeLoss(replayLoss)]}
        />
      </div>
      {report.examples.length > 0 && <Examples examples={report.examples} />}
      <section class="steps">
        <h2>The lesson</h2>
        <p class="explanation">
          {count(report.steps)} steps in {duration(report.minutes * 60)}, {adapterNames[plan.adapter]} on{" "}
          {model ?? "the model"}
        </p>
        <Curve lesson={lesson!} />
        <CurveTable lesson={lesson!} />
      </section>
    </>
  );
}

/** The smallest relative change of a loss that counts. */
const least = 0.01;

const judge = (gain: number): Judged => (gain > 0 ? "better" : gain < 0 ? "worse" : "same");

function judgeLoss({ before, after }: BeforeAfter): Judged {
  const gain = 1 - after / before;
  return Math.abs(gain) < least ? "same" : judge(gain);
}

/** A difference below its standard error counts as chance. */
function judgeShare({ before, after, lines }: LessonReport["exactMatch"]): Judged {
  const error = Math.sqrt((before * (1 - before) + after * (1 - after)) / lines);
  return Math.abs(after - before) <= error ? "same" : judge(after - before);
}

const forgotten: Record<Judged, string> = {
  better: "it knows other text better than before",
  worse: "it knows other text less well than before",
  same: "it knows other text as well as before",
};

function verdict(heldOutLoss: LessonReport["heldOutLoss"]) {
  const judged = judgeLoss(heldOutLoss);
  if (judged === "better")
    return {
      heading: `${percent(1 - heldOutLoss.after / heldOutLoss.before)} less loss on what it has not seen`,
      text: "The model knows it better now.",
      advice: "Keep what it has learned, or discard it and have the model as it was.",
    };
  if (judged === "worse")
    return {
      heading: "It did not become better",
      text: "The model predicts the held-out files worse than before.",
      advice: "Discard what it has learned, or keep it at a smaller scale.",
    };
  return {
    heading: "Hardly anything was learned",
    text: "Completions will be much the same as before.",
    advice: "A longer lesson, or one on more files, teaches more.",
  };
}

const points = ({ before, after }: BeforeAfter) =>
  `${signed((Math.abs(after - before) * 100).toFixed(1), after - before)} points`;
