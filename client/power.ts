// Whether this machine runs on its battery. VS Code does not tell; each system has its own way. Where it is not known, it
// does not: most machines without a battery say nothing at all. For tests GLASSBOX_POWER_SUPPLY names another folder than
// Linux's own.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export async function isOnBattery(): Promise<boolean> {
  try {
    if (process.platform === "darwin") return drawsFromBattery(await run("pmset", "-g", "batt"));
    if (process.platform === "win32") return isOffline(await run("powershell.exe", ...powerLine));
    return isDischarging(await supplies(process.env.GLASSBOX_POWER_SUPPLY ?? "/sys/class/power_supply"));
  } catch {
    return false;
  }
}

const powerLine = [
  "-NoProfile",
  "-NonInteractive",
  "-Command",
  "Add-Type -AssemblyName System.Windows.Forms; [System.Windows.Forms.SystemInformation]::PowerStatus.PowerLineStatus",
];

const run = async (command: string, ...args: string[]) =>
  (await promisify(execFile)(command, args, { timeout: 20_000, windowsHide: true })).stdout;

/** `Now drawing from 'Battery Power'`. */
export const drawsFromBattery = (pmset: string) => /drawing from 'Battery Power'/.test(pmset);

/** `Online`, `Offline` or `Unknown`. */
export const isOffline = (status: string) => status.trim() === "Offline";

/** A file of /sys/class/power_supply/NAME each; the kernel's Documentation/ABI/testing/sysfs-class-power. */
export interface Supply {
  type: string;
  /** Of a battery: of the `System`, or of a `Device` such as a mouse. */
  scope: string;
  /** Of a battery. */
  status: string;
  /** Of what comes from the wall: "1". */
  online: string;
}

export function isDischarging(supplies: Supply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== "Device");
  if (own.some(({ type, online }) => type !== "Battery" && online === "1")) return false;
  return own.some(({ type, status }) => type === "Battery" && status === "Discharging");
}

export async function supplies(folder: string): Promise<Supply[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const read = (file: keyof Supply) =>
        readFile(join(folder, name, file), "utf8").then(
          (text) => text.trim(),
          () => "",
        );
      const [type, scope, status, online] = await Promise.all([
        read("type"),
        read("scope"),
        read("status"),
        read("online"),
      ]);
      return { type, scope, status, online };
    }),
  );
}
