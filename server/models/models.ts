// The models on this machine: the built-in one and those that were downloaded.
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { builtIn, builtInModel, modelName } from "../../engine";
import type { ModelDescription } from "../../protocol";
import type { AdapterInUse } from "../engine/messages";

/** The adapter by which the built-in model can fill in the middle. */
const fillInMiddle = { path: builtInModel("smollm2-135m-instruct-fill-in-middle.gguf"), scale: 1 };

/** The adapters that are shipped with a model, given the value of the setting `model.path`. */
export const shippedAdapters = (path: string): AdapterInUse[] => (path ? [] : [fillInMiddle]);

/** The path on disk, given the value of the setting `model.path`; "" is the built-in model. */
export const fileOf = (path: string): string => path || builtIn.path;

export const downloads = (storage: string): string => join(storage, "models");

export async function describeModel(path: string, storage: string | undefined): Promise<ModelDescription> {
  const file = fileOf(path);
  const described = { name: modelName(file), path, size: await sizeOf(file) };
  if (!path) return { ...described, origin: "built-in" };
  const below = storage && relative(downloads(storage), path);
  if (!below || below.split(sep)[0] === ".." || isAbsolute(below)) return { ...described, origin: "disk" };
  const folder = below.endsWith(".gguf") ? dirname(below) : below;
  return { ...described, origin: "downloaded", folder: folder.split(sep).join("/") };
}

/** The built-in model, then the downloaded ones. A model is a GGUF file, the first of several parts, or a safetensors folder. */
export async function listModels(storage: string | undefined): Promise<ModelDescription[]> {
  const paths = storage ? await downloaded(downloads(storage)) : [];
  return Promise.all(["", ...paths].map((path) => describeModel(path, storage)));
}

async function downloaded(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
  const paths = files.filter((file) => /\.gguf$/.test(file) && !/-(?!00001)\d{5}-of-\d{5}\.gguf$/.test(file));
  const folders = files.filter((file) => basename(file) === "config.json").map((file) => dirname(file));
  return [...paths, ...folders].sort().map((file) => join(folder, file));
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const files = await readdir(path);
  const sizes = await Promise.all(files.map((file) => stat(join(path, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
