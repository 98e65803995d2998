// The folder into which `npm test` installed the package for this platform. It is outside the project, so that the package finds
// only its own files.
import { readdirSync } from "node:fs";
import { join } from "node:path";

const extensions = process.env.GLASSBOX_EXTENSIONS!;

export const installed = join(
  extensions,
  readdirSync(extensions).find((name) => name.startsWith("glassbox.glassbox-"))!,
);
