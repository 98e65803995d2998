// The name of a model that is shown everywhere: its file's. `general.name` in the metadata is often made up by converters,
// of the name of a training run, for example ("Smollm2 135M 8k Lc100K Mix1 Ep2").

import { basename, dirname } from "node:path";
import { builtIn } from "../assets";

/** File names that do not tell the model, and the names of snapshots in Hugging Face's cache. */
const says = (name: string) =>
  !/^(ggml-)?(model|weights|adapter|consolidated)\b|^[0-9a-f]{40}$|^(snapshots|)$/i.test(name);

/**
 * Of a GGUF file, its name without the ending and the number of a part; of a folder, the folder's name. Where that says
 * nothing, as "model" does, the name of the folder around it.
 */
export function modelName(path: string): string {
  if (path === builtIn.path) return builtIn.name;
  const own = basename(path).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, "");
  for (let [name, around] = [own, dirname(path)]; name; [name, around] = [basename(around), dirname(around)])
    if (says(name)) return name.replace(/^models--(.+)--/, "");
  return own;
}
