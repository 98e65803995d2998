// Output to the terminal: results on stdout, everything else on stderr. Control characters in files' texts are escaped.

/** Escapes control characters and those that change the direction of text. Line ends and tabs stay. */
export const visible = (text: string): string => text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

/** Escapes line ends and tabs too: for names from files, and for sentences. */
export const oneLine = (text: string): string => visible(text).replace(/[\n\t]/g, escaped);

/** Escaped as in JSON, so that JSON output stays valid. */
const escaped = (character: string): string =>
  character.split("").reduce((made, unit) => `${made}\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`, "");

/** Prints a line of the result. */
export const print = (text: string) => write(process.stdout, `${visible(text)}\n`);

export const printJson = (value: unknown) => print(JSON.stringify(value, plain, 2));

/** Metadata may hold bigints, which JSON has not. */
const plain = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);

/** Prints a line on stderr. */
export const log = (text: string) => write(process.stderr, `${visible(text)}\n`);

/** Whether the current line in the terminal is one of `progress`, which the next output overwrites. */
let hasProgressLine = false;

function write(stream: NodeJS.WriteStream, text: string) {
  if (hasProgressLine) process.stderr.write("\r\x1b[K");
  hasProgressLine = false;
  stream.write(text);
}

/** Milliseconds between two progress lines if stderr is not a terminal. */
const interval = 10_000;
let lastTime = performance.now();

/** Shows progress on stderr: a line that is overwritten in a terminal, otherwise a line from time to time. */
export function progress(line: string) {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[K${oneLine(line)}`);
    hasProgressLine = true;
  } else if (performance.now() - lastTime > interval) {
    log(line);
    lastTime = performance.now();
  }
}
