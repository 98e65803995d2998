// Supervised fine-tuning on pairs of a prompt and a response. Only the response is learned.

import { startOf, type Tokenizer } from "../text/tokenizer";
import { type Example, endOf, exampleOf, given } from "./example";

export interface Pair {
  prompt: string;
  response: string;
}

export const isPair = (text: object): text is Pair => "response" in text;

/** The share of a sequence that a prompt keeps, however long the response is. */
const minPrompt = 1 / 4;

/** A pair in at most `length` rows. Of a prompt that is too long the end is kept, of a response the start. */
export function pairExample({ prompt, response }: Pair, tokenizer: Tokenizer, length: number): Example {
  const start = startOf(tokenizer);
  const asked = tokenizer.encode(prompt);
  const answer = [...tokenizer.encode(response, { continues: true }), ...endOf(tokenizer)];
  const room = length + 1 - start.length;
  const kept = Math.min(asked.length, Math.max(Math.floor(room * minPrompt), room - answer.length));
  return exampleOf([...given([...start, ...asked.slice(asked.length - kept)]), ...answer.slice(0, room - kept)]);
}

/** Reads a pair from each line of JSON, `{"prompt": "…", "response": "…"}`. Throws SyntaxError that names a wrong line. */
export function parsePairs(lines: string): Pair[] {
  return lines.split("\n").flatMap((line, i) => {
    if (!line.trim()) return [];
    const found = parsed(line);
    if (typeof found?.prompt !== "string" || typeof found.response !== "string" || !found.response)
      throw new SyntaxError(
        `Line ${i + 1} should be {"prompt": "…", "response": "…"} with a text in each, but is ${line.slice(0, 80)}`,
      );
    return [{ prompt: found.prompt, response: found.response }];
  });
}

function parsed(line: string): Partial<Record<keyof Pair, unknown>> | null | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
