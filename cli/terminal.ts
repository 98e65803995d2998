// What is said in a terminal: results on stdout, all else on stderr. Whatever a file holds, none of it steers the terminal.

/** Escapes what a terminal would obey, or what turns the direction of a text. Lines and tabs stay. */
export const visible = (text: string): string => text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

/** The same on a single line: for a name out of a file, and for sentences. */
export const oneLine = (text: string): string => visible(text).replace(/[\n\t]/g, escaped);

/** As JSON writes it, so that JSON stays JSON. */
const escaped = (character: string): string =>
  character.split("").reduce((made, unit) => `${made}\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`, "");

/** A line of the result. */
export const print = (text: string) => write(process.stdout, `${visible(text)}\n`);

export const printJson = (value: unknown) => print(JSON.stringify(value, plain, 2));

/** Counts in a file's metadata may be longer than a number holds exactly. */
const plain = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);

/** A line beside the result. */
export const say = (text: string) => write(process.stderr, `${visible(text)}\n`);

/** Whether the line in the terminal is one that `progress` will write over. */
let changing = false;

function write(stream: NodeJS.WriteStream, text: string) {
  if (changing) process.stderr.write("\r\x1b[K");
  changing = false;
  stream.write(text);
}

/** So often, in milliseconds, something is said where stderr is no terminal. */
const interval = 10_000;
let saidLast = performance.now();

/** How far something has come: a line that changes in a terminal, else one from time to time. */
export function progress(line: string) {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${oneLine(line)}`);
    changing = true;
  } else if (performance.now() - saidLast > interval) {
    say(line);
    saidLast = performance.now();
  }
}
