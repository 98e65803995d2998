// The stage before the lesson: the files to read, those left out and why, and the time and memory that it takes.
import type { LessonPlan, LessonView } from "../../protocol";
import { count, duration, large, percent, size } from "../words";
import { Left, Taken } from "./files";
import { Button, Figure, type StageProps } from "./parts";

export const adapterNames = { lora: "LoRA", loramoe: "LoRAMoE" };

export function Plan(props: StageProps) {
  const { view, choices, choose } = props;
  const { plan, workspace } = view;
  return (
    <>
      <header>
        <h1>Teach on {workspace}</h1>
        <p class="lead">{lead(view)}</p>
        <div class="actions">
          {!plan.refused && (
            <Button {...props} action="start" primary>
              Start
            </Button>
          )}
          <Button {...props} action="export" primary={plan.refused !== undefined}>
            Export Training Job…
          </Button>
          <Button {...props} action="cancel">
            Cancel
          </Button>
        </div>
      </header>

      <Figures {...props} />
      <label class="filter">
        <span class="unseen">Filter the files</span>
        <input
          type="search"
          placeholder="Filter by path or reason"
          value={choices.filter}
          onInput={(event) => choose({ filter: event.currentTarget.value })}
        />
      </label>
      <div class="columns">
        <Taken {...props} />
        <Left {...props} />
      </div>
    </>
  );
}

function lead({ plan, model = "The model" }: LessonView): string {
  if (plan.refused)
    return `${plan.refused} A larger machine can run it: export the training job, and import the resulting adapter.`;
  const minutes = duration(plan.minutes * 60);
  const reads = `${model} reads ${what(plan)} for about ${minutes}, while you go on working.`;
  return `${reads} Nothing leaves this machine, and what it learns can be taken back.`;
}

function Figures({ view: { plan, device } }: StageProps) {
  const { tokens, steps, epochs, minutes, measuring, memory, adapter, parameters, refused } = plan;
  return (
    <dl class="figures">
      <Figure name="Tokens" value={count(tokens)} note={`in ${what(plan)}`} />
      <Figure name="Steps" value={count(steps)} note={read(epochs)} />
      {!refused && (
        <>
          <Figure name="Time" value={duration(minutes * 60)} note={`${duration(measuring * 60)} measuring`} />
          <Figure name="Memory" value={size(memory)} note="beside the model" />
        </>
      )}
      <Figure
        name="Adapter"
        value={adapterNames[adapter]}
        note={refused ? undefined : `${large(parameters)} numbers`}
      />
      {device && <Figure name="Device" value={device.kind.toUpperCase()} note={device.name.replace("CPU, ", "")} />}
    </dl>
  );
}

/** The sources to learn from, such as “12 files and 3 changes”. */
const what = ({ taken }: LessonPlan) =>
  (["file", "change", "pair"] as const)
    .map((kind) => [kind, taken.filter((one) => one.kind === kind && !one.heldOut).length] as const)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => (number === 1 ? `one ${kind}` : `${count(number)} ${kind}s`))
    .join(" and ");

/** Says how often each text is read. */
function read(epochs: number): string {
  if (epochs < 0.95) return `${percent(epochs, 0)} of the text`;
  const rounded = epochs < 10 ? Number(epochs.toFixed(1)) : Math.round(epochs);
  return rounded === 1 ? "text read once" : `text read ${rounded} times`;
}
