// Whether this machine runs on battery, which VS Code does not tell: each system has its own way. If it is not known, the
// answer is no, because most machines without a battery report nothing. Tests replace Linux's folder by GLASSBOX_POWER_SUPPLY.
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

/** Files of /sys/class/power_supply/NAME, as in the Linux kernel's Documentation/ABI/testing/sysfs-class-power. */
export interface Supply {
  type: string;
  /** Whether a battery powers the `System` or a `Device` such as a mouse. */
  scope: string;
  /** Only for batteries. */
  status: string;
  /** "1" for mains power that is plugged in. */
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
