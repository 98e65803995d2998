// The lesson's panel. What it shows comes from the extension; what one types in it is kept with that while it is hidden.
import { render } from "preact";
import { type LessonChoices, type LessonKept, type LessonView, lessonView } from "../../protocol";
import { connectHost } from "../host";
import { LessonPage } from "./page";

const host = connectHost(lessonView, (view) => {
  const before = host.kept;
  show({ view, choices: before?.view.plan.id === view.plan.id ? before.choices : first(view) });
});
const root = document.getElementById("view")!;

const first = ({ workspace }: LessonView): LessonChoices => ({ filter: "", name: workspace, scale: 1, all: false });

function show(shown: LessonKept) {
  host.keep(shown);
  const choose = (changed: Partial<LessonChoices>) =>
    show({ ...host.kept!, choices: { ...host.kept!.choices, ...changed } });
  render(<LessonPage {...shown} act={host.act} choose={choose} />, root);
}

if (host.kept) show(host.kept);
