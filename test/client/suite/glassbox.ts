// What the suites ask of the extension: itself, and to wait until its status is as wished.
import { extensions } from "vscode";
import type { Glassbox } from "../../../client/extension";
import type { Status } from "../../../protocol";

export const extension = () => extensions.getExtension<Glassbox>("glassbox.glassbox")!;

export const glassbox = () => extension().activate();

/** The first status, from now on, that is as wished. */
export async function statusWhere(wished: (status: Status) => boolean): Promise<Status> {
  const { status, onStatus } = await glassbox();
  if (wished(status)) return status;
  return new Promise((resolve) => {
    const listener = onStatus((status) => {
      if (!wished(status)) return;
      listener.dispose();
      resolve(status);
    });
  });
}
