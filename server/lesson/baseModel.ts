// What a model is called on Hugging Face's hub, where that is known.
import { openCheckpoint } from "../../engine";
import { fileOf } from "../models/models";

const builtIn = "HuggingFaceTB/SmolLM2-135M-Instruct";

/** A folder that was downloaded. */
const downloaded = /[\\/]models[\\/]([\w.-]+)[\\/]([\w.-]+)$/;

/** From where a GGUF file says that it, or what it was made of, comes from. */
const keys = ["general.source.huggingface.repository", "general.source.repo_url", "general.repo_url"];

export async function baseModelName(path: string): Promise<string | undefined> {
  if (path === fileOf("")) return builtIn;
  const [, owner, name] = (!path.endsWith(".gguf") && downloaded.exec(path)) || [];
  if (name) return `${owner}/${name}`;
  const { metadata, close } = await openCheckpoint(path);
  try {
    const said = keys.map((key) => metadata.get(key)).find((value) => typeof value === "string");
    return /^(?:https:\/\/huggingface\.co\/)?([\w.-]+\/[\w.-]+)\/?$/.exec(String(said))?.[1];
  } finally {
    await close();
  }
}
