// Where `npm test` installed the package for this platform: outside the project, so that it finds nothing but what it holds.
import { readdirSync } from "node:fs";
import { join } from "node:path";

const extensions = process.env.GLASSBOX_EXTENSIONS!;

export const installed = join(
  extensions,
  readdirSync(extensions).find((name) => name.startsWith("glassbox.glassbox-"))!,
);
