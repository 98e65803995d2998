// The server's status, put together from the parts that its modules set. It is sent to the client whenever it changes.
import type { Status } from "../protocol";

export interface StatusParts extends Omit<Status, "state"> {
  busy?: boolean;
}

export interface StatusReport {
  readonly current: Status;
  /** Sets parts of the status. `undefined` removes a part. */
  set(parts: StatusParts): void;
}

export function reportStatus(send: (status: Status) => void): StatusReport {
  let parts: StatusParts = {};
  let sent = "";
  return {
    get current() {
      return statusOf(parts);
    },
    set(changed) {
      parts = { ...parts, ...changed };
      const status = statusOf(parts);
      const text = JSON.stringify(status);
      if (text !== sent) send(status);
      sent = text;
    },
  };
}

/** The reason why no model can be used, as a sentence with the next step. */
export const whyNoModel = ({ state }: Status): string =>
  state === "error"
    ? "No model is loaded. Choose one with Select Model…, then try again."
    : "The model is still being loaded. Try again when the status bar shows that it is ready.";

export function statusOf({ busy, ...parts }: StatusParts): Status {
  const { progress, model, problem, snoozedUntil } = parts;
  const state =
    progress !== undefined
      ? "loading"
      : !model
        ? problem
          ? "error"
          : "starting"
        : snoozedUntil !== undefined
          ? "snoozed"
          : busy
            ? "busy"
            : "ready";
  return { state, ...parts };
}
