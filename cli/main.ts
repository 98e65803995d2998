#!/usr/bin/env node
// `glassbox …`: the engine for a terminal, for scripts and for tests.
// Exit codes: 0 done, 1 it could not be done (the reason is on stderr), 2 the command line was wrong.

import { parseArgs } from "node:util";
import { type Command, type Given, UsageError } from "./command";
import { adapter } from "./commands/adapter";
import { bench } from "./commands/bench";
import { complete } from "./commands/complete";
import { devices } from "./commands/devices";
import { evaluate } from "./commands/eval";
import { info } from "./commands/info";
import { logits } from "./commands/logits";
import { perplexity } from "./commands/perplexity";
import { pretrain } from "./commands/pretrain";
import { tokenize } from "./commands/tokenize";
import { train } from "./commands/train";

const commands: Record<string, Command> = {
  devices,
  info,
  tokenize,
  logits,
  complete,
  bench,
  perplexity,
  train,
  eval: evaluate,
  adapter,
  pretrain,
};

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return `usage: glassbox COMMAND [options]\n\n${lines.join("\n")}\n\n\`glassbox COMMAND --help\` tells more.\n`;
}

function help(name: string, { summary, usage, options }: Command): string {
  const lines = Object.entries(options).map(
    ([option, { type, help }]) => `  ${`--${option}${type === "string" ? " …" : ""}`.padEnd(20)}${help}`,
  );
  return `usage: glassbox ${name} ${usage}\n\n${summary}\n\n${lines.join("\n")}\n`;
}

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = commands[name];
  if (!command) {
    const asked = name === undefined || name === "--help" || name === "help";
    (asked ? process.stdout : process.stderr).write(
      asked ? overview() : `glassbox: no command “${name}”\n\n${overview()}`,
    );
    return asked ? 0 : 2;
  }
  try {
    const options = { ...command.options, help: { type: "boolean", help: "" } } as const;
    const { values, positionals } = parse(rest, options);
    if (values.help) process.stdout.write(help(name, command));
    else await command.run({ values, positionals });
    return 0;
  } catch (error) {
    const wrong = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`glassbox ${name}: ${message}\n${wrong ? `\n${help(name, command)}` : ""}`);
    if (process.env.GLASSBOX_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return wrong ? 2 : 1;
  }
}

function parse(args: string[], options: NonNullable<Parameters<typeof parseArgs>[0]>["options"]): Given {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values: values as Given["values"], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

process.exitCode = await main(process.argv.slice(2));
// Dawn and worker threads would keep the process alive.
process.stdout.write("", () => process.exit());
