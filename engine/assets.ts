// Paths of the files that ship with the bundles: kernels and built-in models.

import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);

/** The folder that holds `dist/` and `models/`: the extension's own. Bundles lie in `dist/` or below it. */
const root = here.slice(0, here.lastIndexOf(`${sep}dist${sep}`));

/** The path of a file that the build makes, such as `built("kernels.wasm")`. */
export const built = (name: string): string => join(root, "dist", name);

/** The path of a file under models/. */
export const model = (name: string): string => join(root, "models", name);

/** The model that is used where none is chosen. */
export const builtIn = { path: model("smollm2-135m-instruct-q4_1.gguf"), name: "SmolLM2-135M-Instruct" };
