// The lesson's panel. What it shows comes from the extension; what one types in it is kept with that while it is hidden.
import { render } from "preact";
import { type LessonChoices, type LessonKept, type LessonView, lessonView } from "../../protocol";
import { connectHost } from "../host";
import { LessonPage } from "./page";

const host = connectHost(lessonView, (view) => {
  const before = host.kept;
  show({ view, choices: before?.view.plan.id === view.plan.id ? followed(before, view) : first(view) });
});
const root = document.getElementById("view")!;

const first = ({ workspace }: LessonView): LessonChoices => ({ filter: "", name: workspace, scale: 1, all: false });

const scaleOf = ({ outcome }: LessonView) => (typeof outcome === "object" ? outcome.scale : undefined);

/** The scale of what was kept may be changed elsewhere. */
function followed({ view: before, choices }: LessonKept, view: LessonView): LessonChoices {
  const scale = scaleOf(view);
  return scale === undefined || scale === scaleOf(before) ? choices : { ...choices, scale };
}

/** When another stage is shown than the button was in that was pressed, the keyboard goes on at its heading. */
let stage = "";
function focusHeading({ lesson, interrupted, elsewhere }: LessonView) {
  const last = stage;
  stage = JSON.stringify([lesson?.state, interrupted, elsewhere]);
  const heading = root.querySelector("h1");
  const lost = document.activeElement === document.body || document.activeElement?.matches(":disabled");
  if (!heading || !last || stage === last || !document.hasFocus() || !lost) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function show(shown: LessonKept) {
  host.keep(shown);
  const choose = (changed: Partial<LessonChoices>) =>
    show({ ...host.kept!, choices: { ...host.kept!.choices, ...changed } });
  render(<LessonPage {...shown} act={host.act} choose={choose} />, root);
  focusHeading(shown.view);
}

if (host.kept) show(host.kept);
