// Shows held-out lines: the lines before each one, the line itself, and what the model writes there before and after the lesson.
import type { LessonReport } from "../../protocol";

type Example = LessonReport["examples"][number];

export function Examples({ examples }: { examples: Example[] }) {
  return (
    <section class="examples">
      <h2>Lines it has not seen</h2>
      {examples.map((example) => (
        <Excerpt key={`${example.path} ${example.prompt}`} {...example} />
      ))}
    </section>
  );
}

/** Lines of the prompt that are shown: the nearest ones are enough to understand the place. */
const contextLines = 4;

function Excerpt({ path, prompt, truth, before, after }: Example) {
  return (
    <figure class="example">
      <figcaption>{path}</figcaption>
      <pre class="context">
        {prompt
          .trimEnd()
          .split("\n")
          .slice(-contextLines)
          .join("\n")
          .replace(/^\s*\n/, "")}
      </pre>
      <dl>
        <Line name="in the file" text={truth} />
        <Line name="before" text={before} right={same(before, truth)} />
        <Line name="after" text={after} right={same(after, truth)} />
      </dl>
    </figure>
  );
}

function Line({ name, text, right }: { name: string; text: string; right?: boolean }) {
  const judged = right === undefined ? "truth" : right ? "right" : "wrong";
  return (
    <div class={`line ${judged}`}>
      <dt>{name}</dt>
      <dd>
        <pre>{text || "(nothing)"}</pre>
        {right !== undefined && (
          <span role="img" class="mark" aria-label={right ? "exact" : "different"}>
            {right ? "✓" : "✗"}
          </span>
        )}
      </dd>
    </div>
  );
}

const same = (a: string, b: string) => a.trim() === b.trim();
