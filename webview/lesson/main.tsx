// The entry point of the lesson's panel. The extension sends what it shows. That and the user's input are kept together while the
// panel is hidden or the window is reloaded.
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

/** Updates the scale if the kept adapter's was changed outside the panel. */
function followed({ view: before, choices }: LessonKept, view: LessonView): LessonChoices {
  const scale = scaleOf(view);
  return scale === undefined || scale === scaleOf(before) ? choices : { ...choices, scale };
}

/** Moves the focus to the heading of a new stage if the button that had it is gone, so that keyboard users keep their place. */
let stage = "";
function focusHeading({ lesson, detached }: LessonView) {
  const last = stage;
  stage = JSON.stringify([lesson?.state, detached]);
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
