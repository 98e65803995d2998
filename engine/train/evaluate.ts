// The loss of examples, computed by a session with the adapters in use. Training computes the same of the same tokens.

import type { Session } from "../generate/session";
import type { Example } from "./example";

/**
 * The mean loss in nats a token, and the number of tokens that are predicted, both by the weights of `learned`. `each` is
 * called after each example, with how many are done. Throws LogitsError.
 */
export async function lossOf(
  session: Session,
  examples: readonly Example[],
  each: (done: number) => void = () => {},
): Promise<{ loss: number; tokens: number }> {
  const { vocab } = session;
  let [sum, tokens] = [0, 0];
  for (const [i, { ids, learned }] of examples.entries()) {
    await session.logits([...ids.subarray(0, -1)], (rows, first) => {
      for (let row = 0; row < rows.length / vocab; row++) {
        const next = first + row + 1;
        if (!learned[next]) continue;
        sum -= learned[next] * logProbability(rows.subarray(row * vocab, (row + 1) * vocab), ids[next]);
        tokens += learned[next];
      }
    });
    each(i + 1);
  }
  return { loss: sum / tokens, tokens };
}

/** log softmax(logits)[id], in nats. */
export function logProbability(logits: Float32Array, id: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return logits[id] - top - Math.log(total);
}
