// Two lines behind the `{}` of the status bar: the model with its speed, and the device with the reason for it.
import { type ExtensionContext, LanguageStatusSeverity, languages } from "vscode";
import type { Status } from "../protocol";
import type { Server } from "./server";
import { speed, summary } from "./words";

export function activate(context: ExtensionContext, server: Server) {
  const everywhere = [{ pattern: "**" }];
  const model = languages.createLanguageStatusItem("glassbox.model", everywhere);
  const device = languages.createLanguageStatusItem("glassbox.device", everywhere);
  model.name = "Glassbox Model";
  device.name = "Glassbox Device";
  model.command = { command: "glassbox.selectModel", title: "Select Model…" };
  device.command = { command: "workbench.action.openSettings", title: "Change…", arguments: ["glassbox.device"] };

  const update = (status: Status) => {
    model.busy = status.state === "starting" || status.state === "loading";
    model.severity = severity(status);
    model.text =
      status.state === "ready" || status.state === "busy" ? (status.model?.name ?? "Ready") : summary(status);
    model.detail = status.problem && status.state !== "error" ? status.problem.message : speed(status);
    device.text = status.device?.name ?? "No device yet";
    device.detail = status.device?.reason;
  };
  update(server.status);
  context.subscriptions.push(model, device, server.onStatus(update));
}

function severity({ state, problem }: Status): LanguageStatusSeverity {
  if (state === "error") return LanguageStatusSeverity.Error;
  return problem ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
}
