// Gives the suites the extension, and waits for a status.
import { extensions } from "vscode";
import type { Glassbox } from "../../../client/extension";
import type { Status } from "../../../protocol";

export const extension = () => extensions.getExtension<Glassbox>("glassbox.glassbox")!;

export const glassbox = () => extension().activate();

/** Resolves with the current status if it is as wished, or the next one that is. */
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
