// What all three stages of the lesson are made of.
import type { ComponentChildren } from "preact";
import type { LessonAction, LessonCommand, LessonView } from "../../protocol";

/** What one has typed or chosen in the panel, which nobody else knows of. */
export interface Choices {
  filter: string;
  name: string;
  scale: number;
  /** All files, and not the first few alone. */
  all: boolean;
}

export interface StageProps {
  view: LessonView;
  choices: Choices;
  act(action: LessonAction): void;
  choose(changed: Partial<Choices>): void;
}

/** A name, its value in large digits, and what there is to add. */
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
