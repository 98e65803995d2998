// Shows one figure of the report: its change, whether that is better or worse, and both values as bars and numbers.
import type { BeforeAfter } from "../../protocol";

interface OutcomeProps {
  name: string;
  value: BeforeAfter;
  show(value: number): string;
  difference: string;
  judged: Judged;
  explanation: string;
}

export type Judged = "better" | "worse" | "same";

export function Outcome({ name, value: { before, after }, show, difference, judged, explanation }: OutcomeProps) {
  const width = (value: number) => ({ width: `${((value / Math.max(before, after, 1e-9)) * 100).toFixed(2)}%` });
  return (
    <section class={`outcome ${judged}`}>
      <h2>{name}</h2>
      <p class="difference">
        {difference} <span class="judged">{judged === "same" ? "about the same" : judged}</span>
      </p>
      <dl>
        <dt>before</dt>
        <dd class="bar">
          <span style={width(before)} />
        </dd>
        <dd class="number">{show(before)}</dd>
        <dt>after</dt>
        <dd class="bar after">
          <span style={width(after)} />
        </dd>
        <dd class="number">{show(after)}</dd>
      </dl>
      <p class="explanation">{explanation}</p>
    </section>
  );
}
