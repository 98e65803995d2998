// The lesson's panel. What it shows comes from the extension; what one types in it is kept with that while it is hidden.
import { render } from "preact";
import type { LessonAction, LessonView } from "../../protocol";
import { connectHost } from "../host";
import { LessonPage } from "./page";
import type { Choices } from "./parts";

interface State {
  view: LessonView;
  choices: Choices;
}

const host = connectHost<State>();
const root = document.getElementById("view")!;

const first = ({ workspace }: LessonView): Choices => ({ filter: "", name: workspace, scale: 1, all: false });

function show(state: State) {
  host.setState(state);
  render(
    <LessonPage
      {...state}
      act={(action: LessonAction) => host.postMessage(action)}
      choose={(changed) => show({ ...host.getState()!, choices: { ...host.getState()!.choices, ...changed } })}
    />,
    root,
  );
}

addEventListener("message", ({ data: view }: MessageEvent<LessonView>) => {
  const before = host.getState();
  show({ view, choices: before?.view.plan.id === view.plan.id ? before.choices : first(view) });
});

const kept = host.getState();
if (kept) show(kept);
host.postMessage({ action: "ready" } satisfies LessonAction);
