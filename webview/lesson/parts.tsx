// The components and props that all three stages of the lesson share.
import type { ComponentChildren } from "preact";
import type { LessonAction, LessonChoices, LessonCommand, LessonView } from "../../protocol";

export interface StageProps {
  view: LessonView;
  choices: LessonChoices;
  act(action: LessonAction): void;
  choose(changed: Partial<LessonChoices>): void;
}

/** A name, its value in large digits, and a note. */
export function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        {note && <span class="note">{note}</span>}
      </dd>
    </div>
  );
}

interface ButtonProps extends Pick<StageProps, "view" | "act"> {
  action: LessonCommand;
  primary?: boolean;
  children: ComponentChildren;
}

export function Button({ view, act, action, primary, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={primary ? "primary" : "secondary"}
      disabled={view.waiting}
      onClick={() => act({ action })}
    >
      {children}
    </button>
  );
}
