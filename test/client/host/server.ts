// Runs the VS Code server that tools/vscode.mjs fetched, on 127.0.0.1, with this extension in it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const modules = resolve(".cache/vscode/node_modules");
const node = join(modules, `node-${process.platform}-${process.arch}/bin/node`);
const main = join(modules, "code-server/lib/vscode/out/server-main.js");

export interface ServerOptions {
  /** The folder for everything that the server writes: settings, extensions' storage, logs. */
  data: string;
  /** The user's settings, unless the folder holds some already. */
  settings?: Record<string, unknown>;
  /** Likewise the machine's settings: those of the scopes `machine` and `machine-overridable`, which are not read from the user's. */
  machineSettings?: Record<string, unknown>;
  /**
   * `installed`: the package in the folder that GLASSBOX_EXTENSIONS names; `linked`: this project's folder, as if it were
   * installed; `developed`: this project's folder under development, with VS Code's test driver, which hides notifications.
   */
  extension: "installed" | "linked" | "developed";
  /** Whether workspaces must be trusted first, as in the desktop product. */
  trust?: boolean;
  env?: NodeJS.ProcessEnv;
  /** A port or a range of ports; by default any free one. */
  port?: string;
}

export interface Server {
  process: ChildProcess;
  /** The address that opens a folder, and a file in it at a line. */
  address(folder: string, at?: { file: string; line: number }): string;
  /** The address that opens a folder and runs an extension's tests in it. */
  testAddress(folder: string, extension: string, tests: string): string;
  stop(): Promise<void>;
}

/** Settings that keep VS Code offline, and free of welcome pages and animations. */
const settings = {
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "workbench.enableExperiments": false,
  "workbench.startupEditor": "none",
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.reduceMotion": "on",
  "window.commandCenter": false,
  "npm.autoDetect": "off",
};

export async function startServer(options: ServerOptions): Promise<Server> {
  const { data, extension } = options;
  const extensions = extension === "installed" ? withPackage() : join(data, "extensions");
  await mkdir(extensions, { recursive: true });
  for (const [scope, first] of [
    ["User", { ...settings, ...options.settings }],
    ["Machine", options.machineSettings ?? {}],
  ] as const) {
    await mkdir(join(data, scope), { recursive: true });
    const text = JSON.stringify(first, null, 2);
    await writeFile(join(data, scope, "settings.json"), text, { flag: "wx" }).catch(unlessThere);
  }
  if (extension === "linked") await writeFile(join(extensions, "extensions.json"), await linked());

  const token = randomUUID();
  const args = [
    "--host",
    "127.0.0.1",
    "--port",
    options.port ?? "0",
    "--connection-token",
    token,
    "--accept-server-license-terms",
  ];
  args.push(
    "--telemetry-level",
    "off",
    "--user-data-dir",
    data,
    "--server-data-dir",
    data,
    "--extensions-dir",
    extensions,
  );
  if (!options.trust) args.push("--disable-workspace-trust");
  if (extension === "developed") args.push("--enable-smoke-test-driver");
  const child = spawn(node, [main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...withoutEditor(process.env), TMPDIR: data, ...options.env },
    detached: true, // a process group of its own, so that stopping it stops what it started
  });
  const port = await listening(child);
  const origin = `http://127.0.0.1:${port}`;
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  const address = (folder: string, payload?: Record<string, string>) => {
    const query = new URLSearchParams({ tkn: token, folder });
    if (payload) query.set("payload", JSON.stringify(Object.entries(payload)));
    return `${origin}/?${query}`;
  };
  return {
    process: child,
    address: (folder, at) => address(folder, at && { openFile: remote(`${at.file}:${at.line}`), gotoLineMode: "true" }),
    testAddress: (folder, extension, tests) =>
      address(folder, {
        extensionDevelopmentPath: remote(extension),
        extensionTestsPath: remote(tests),
        skipWelcome: "true",
      }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      process.kill(-child.pid!, "SIGKILL");
      await exited;
    },
  };
}

async function listening(child: ChildProcess): Promise<number> {
  const said: string[] = [];
  child.stderr!.on("data", (data) => said.push(String(data)));
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line);
    const port = /listening on (\d+)/.exec(line)?.[1];
    if (!port) continue;
    child.stdout!.resume();
    return Number(port);
  }
  throw new Error(`VS Code's server ended before it listened:\n${said.join("\n")}`);
}

/** Installs a VSIX as `code --install-extension` does, into an empty folder of extensions. */
export async function installExtension(vsix: string, extensions: string): Promise<void> {
  const args = ["--install-extension", vsix, "--extensions-dir", extensions, "--accept-server-license-terms"];
  await promisify(execFile)(node, [main, ...args, "--server-data-dir", extensions], {
    env: withoutEditor(process.env),
  });
}

function withPackage(): string {
  const folder = process.env.GLASSBOX_EXTENSIONS;
  if (!folder)
    throw new Error("GLASSBOX_EXTENSIONS should name a folder with the installed package; npm test makes one");
  return folder;
}

/** The list of installed extensions as VS Code stores it, with this project's folder as the only one. */
async function linked(): Promise<string> {
  const { publisher, name, version } = JSON.parse(await readFile("package.json", "utf8"));
  const location = { $mid: 1, path: process.cwd(), scheme: "file" };
  return JSON.stringify([{ identifier: { id: `${publisher}.${name}` }, version, location, metadata: {} }]);
}

function unlessThere(error: NodeJS.ErrnoException) {
  if (error.code !== "EEXIST") throw error;
}

/** The environment without the variables of the VS Code in whose terminal the tests may run. */
const withoutEditor = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name)));
