// The name of a model's repository on the Hugging Face Hub, if it is known.
import { openCheckpoint } from "../../engine";
import { fileOf } from "../models/models";

const builtIn = "HuggingFaceTB/SmolLM2-135M-Instruct";

/** The path of a folder that Glassbox downloaded: …/models/OWNER/NAME. */
const downloaded = /[\\/]models[\\/]([\w.-]+)[\\/]([\w.-]+)$/;

/** The GGUF metadata that may name the repository, the most specific first. */
const keys = ["general.source.huggingface.repository", "general.source.repo_url", "general.repo_url"];

export async function baseModelName(path: string): Promise<string | undefined> {
  if (path === fileOf("")) return builtIn;
  const [, owner, name] = (!path.endsWith(".gguf") && downloaded.exec(path)) || [];
  if (name) return `${owner}/${name}`;
  const { metadata, close } = await openCheckpoint(path);
  try {
    const source = keys.map((key) => metadata.get(key)).find((value) => typeof value === "string");
    return /^(?:https:\/\/huggingface\.co\/)?([\w.-]+\/[\w.-]+)\/?$/.exec(String(source))?.[1];
  } finally {
    await close();
  }
}
