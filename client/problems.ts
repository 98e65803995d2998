// Shows each problem of the status once.
import type { GlassboxContext } from "./context";
import { showProblem } from "./showProblem";

export function activate({ subscriptions, server }: GlassboxContext) {
  let last: string | undefined;
  subscriptions.push(
    server.onStatus(({ problem, state }) => {
      if (problem?.message === last) return;
      last = problem?.message;
      if (problem) showProblem(problem, state === "error");
    }),
  );
}
