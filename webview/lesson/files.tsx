// Lists the files of a plan: the taken ones with their tokens, and those left out, grouped by reason. The filter applies to both.
import type { LessonPlan } from "../../protocol";
import { count } from "../words";
import type { StageProps } from "./parts";

/** Rows that are shown until the user asks for all. */
const few = 100;

export function Taken({ view: { plan }, choices: { filter, all }, choose }: StageProps) {
  const found = plan.taken.filter(({ path, heldOut }) => matches(filter, path, heldOut ? "held out" : ""));
  const held = plan.taken.filter(({ heldOut }) => heldOut).length;
  const shown = all ? found : found.slice(0, few);
  return (
    <section>
      <h2>
        Taken <span class="count">{counted(found.length, plan.taken.length)}</span>
      </h2>
      <p class="explanation">
        {held === 1 ? "One is" : `${count(held)} are`} held out: not learned from, so that the result can be measured on{" "}
        {held === 1 ? "it" : "them"}.
      </p>
      <table class="files">
        <thead class="unseen">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Use</th>
            <th scope="col">Tokens</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, tokens, heldOut }) => (
            <tr key={path}>
              <th scope="row">
                <Path path={path} />
              </th>
              <td>{heldOut && <span class="tag">held out</span>}</td>
              <td class="number">{count(tokens)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < found.length && (
        <button type="button" class="link" onClick={() => choose({ all: true })}>
          Show {count(found.length - shown.length)} more
        </button>
      )}
      {plan.taken.length > 0 && found.length === 0 && <p class="explanation">No file matches.</p>}
    </section>
  );
}

export function Left({ view: { plan }, choices: { filter, all } }: StageProps) {
  const found = plan.left.filter(({ path, reason }) => matches(filter, path, reason));
  return (
    <section>
      <h2>
        Left out <span class="count">{counted(found.length, plan.left.length)}</span>
      </h2>
      {byReason(found).map(({ reason, paths }) => (
        <details key={reason} class="reason" open={filter !== "" || undefined}>
          <summary>
            <span>{reason}</span>
            <span class="number">{count(paths.length)}</span>
          </summary>
          <ul>
            {paths.slice(0, all ? undefined : few).map((path) => (
              <li key={path}>
                <Path path={path} />
              </li>
            ))}
            {!all && paths.length > few && <li>… and {count(paths.length - few)} more</li>}
          </ul>
        </details>
      ))}
      {found.length === 0 && <p class="explanation">{filter ? "No file matches." : "None."}</p>}
    </section>
  );
}

/** Shows the folder less prominently than the name. */
function Path({ path }: { path: string }) {
  const name = path.lastIndexOf("/") + 1;
  return (
    <span class="path" title={path}>
      <span class="folder">{path.slice(0, name)}</span>
      {path.slice(name)}
    </span>
  );
}

const matches = (filter: string, ...texts: string[]) =>
  texts.some((text) => text.toLowerCase().includes(filter.trim().toLowerCase()));

const counted = (found: number, all: number) => (found === all ? count(all) : `${count(found)} of ${count(all)}`);

/** The groups, the largest first. */
function byReason(left: LessonPlan["left"]): { reason: string; paths: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { path, reason } of left) groups.set(reason, [...(groups.get(reason) ?? []), path]);
  return [...groups]
    .map(([reason, paths]) => ({ reason, paths }))
    .sort((a, b) => b.paths.length - a.paths.length || (a.reason < b.reason ? -1 : 1));
}
