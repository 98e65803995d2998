import { listDevices } from "../../engine";
import { type Command, jsonOption } from "../command";
import { print, printJson } from "../terminal";

export const devices: Command = {
  summary: "List what the engine can run on here, and why it would choose what it chooses.",
  usage: "[--json]",
  options: jsonOption,
  async run({ values }) {
    const devices = await listDevices();
    if (values.json) return printJson(devices);
    for (const { choice, available, description, reason } of devices)
      print(`${choice.padEnd(10)}${available ? description : "not available"} (${reason})`);
  },
};
