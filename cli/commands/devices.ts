import { listDevices } from "../../engine";
import type { Command } from "../command";

export const devices: Command = {
  summary: "List what the engine can run on here, and why it would choose what it chooses.",
  usage: "",
  options: {},
  async run() {
    for (const { choice, available, description, reason } of await listDevices())
      console.log(`${choice.padEnd(10)}${available ? description : "not available"} (${reason})`);
  },
};
