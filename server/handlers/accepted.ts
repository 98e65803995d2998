// A completion was accepted as a whole.
import type { AcceptedParams } from "../../protocol";
import type { Context } from "../context";

export const accepted = ({ connection }: Context, { id, kind }: AcceptedParams) =>
  connection.console.log(`Accepted ${kind} ${id}`);
