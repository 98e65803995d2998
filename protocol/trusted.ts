// Client → server: the user trusts the workspace now, so its files may be read.
import type { Notification } from "./message";

export const trusted = "glassbox/trusted" as Notification<null>;
