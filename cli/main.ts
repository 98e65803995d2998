#!/usr/bin/env node
// The `glassbox` command: the engine for terminals, scripts and tests.
// Exit codes: 0 success, 1 failure (the reason is on stderr), 2 wrong command line, 130 Ctrl+C.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { reasonOf } from "../engine";
import { type Command, type ParsedArgs, UsageError } from "./command";
import { adapter } from "./commands/adapter";
import { bench } from "./commands/bench";
import { complete } from "./commands/complete";
import { devices } from "./commands/devices";
import { evaluate } from "./commands/eval";
import { info } from "./commands/info";
import { logits } from "./commands/logits";
import { perplexity } from "./commands/perplexity";
import { pretrain } from "./commands/pretrain";
import { suggest } from "./commands/suggest";
import { tokenize } from "./commands/tokenize";
import { train } from "./commands/train";
import { Interrupted } from "./interrupt";
import { log, oneLine, print } from "./terminal";

const commands: Record<string, Command> = {
  devices,
  info,
  tokenize,
  logits,
  complete,
  suggest,
  bench,
  perplexity,
  train,
  eval: evaluate,
  adapter,
  pretrain,
};

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return `usage: glassbox COMMAND [options]\n\n${lines.join("\n")}\n\n\`glassbox COMMAND --help\` describes a command; \`glassbox --version\` prints the version.`;
}

function help(name: string, { summary, usage, options }: Command): string {
  const all: Command["options"] = { ...options, help: { type: "boolean", help: "print this; or -h" } };
  const lines = Object.entries(all).map(
    ([option, { type, help }]) => `  ${`--${option}${type === "string" ? " …" : ""}`.padEnd(20)}${help}`,
  );
  return `usage: glassbox ${name} ${usage}\n\n${summary}\n\n${lines.join("\n")}`;
}

async function version(): Promise<string> {
  return JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")).version;
}

async function main([name = "--help", ...rest]: string[]): Promise<number> {
  if (name === "--version" || name === "-V") print(await version());
  else if (["help", "--help", "-h"].includes(name) && !rest.length) print(overview());
  else if (name === "help") return run(rest[0], ["--help"]);
  else return run(name, rest);
  return 0;
}

async function run(name: string, args: string[]): Promise<number> {
  if (!Object.hasOwn(commands, name)) {
    log(`glassbox: unknown command “${oneLine(name)}”; \`glassbox --help\` lists all commands`);
    return 2;
  }
  const command = commands[name];
  try {
    const parsed = parse(args, command);
    if (parsed.values.help) print(help(name, command));
    else await command.run(parsed);
    return 0;
  } catch (error) {
    log(`glassbox ${name}: ${oneLine(sentenceOf(error))}`);
    if (process.env.GLASSBOX_DEBUG && error instanceof Error) log(error.stack ?? "");
    if (error instanceof Interrupted) return 130;
    if (!(error instanceof UsageError)) return 1;
    log(`usage: glassbox ${name} ${command.usage}   (--help lists the options)`);
    return 2;
  }
}

/** The message of an error; an error of the file system is turned into a sentence. */
function sentenceOf(error: unknown): string {
  const { path, syscall, message } = error as NodeJS.ErrnoException;
  return syscall && path ? `${path}: ${reasonOf(error as NodeJS.ErrnoException)}` : (message ?? String(error));
}

function parse(args: string[], { options, maxPositionals = 0 }: Command): ParsedArgs {
  const all = { ...options, help: { type: "boolean", short: "h" } } as const;
  try {
    const { values, positionals } = parseArgs({ args, options: all, allowPositionals: true });
    if (positionals.length > maxPositionals && !values.help)
      throw new UsageError(`unexpected argument “${positionals[maxPositionals]}”`);
    return { values: values as ParsedArgs["values"], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
}

let unprinted: NodeJS.ErrnoException | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(141); // the reader, such as `head`, has closed the pipe
  unprinted ??= error;
});
process.stderr.on("error", () => {}); // it could be reported only on stderr itself

process.exitCode = await main(process.argv.slice(2));
await new Promise((resolve) => process.stdout.write("", resolve));
await new Promise(setImmediate); // the stream emits its error after the callback
if (unprinted) {
  log(`glassbox: the result could not be printed: ${reasonOf(unprinted)}`);
  process.exitCode = 1;
}
process.exit(); // Dawn and worker threads would keep the process alive
