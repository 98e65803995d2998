import { listDevices } from "../../engine";
import { type Command, jsonOption } from "../command";
import { print, printJson } from "../terminal";

export const devices: Command = {
  summary: "List the devices that the engine can use on this machine, and the reasons for its choice.",
  usage: "[--json]",
  options: jsonOption,
  async run({ values }) {
    const devices = await listDevices();
    if (values.json) return printJson(devices);
    for (const { choice, available, description, reason } of devices)
      print(`${choice.padEnd(10)}${available ? description : "not available"} (${reason})`);
  },
};
