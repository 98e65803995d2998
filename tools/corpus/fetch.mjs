// Packages by name, through their registries' own clients: unpacked, never installed, none of their code run.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npm, root, run, say } from "../steps.mjs";

export const corpus = join(root, ".cache/corpus");

/** Fetches a package once, as `name@version`. Undefined, with a word about it, if its licence is not permissive. */
export async function fetchPackage(registry, spec) {
  const to = join(corpus, "packages", registry, spec.replaceAll("/", "__"));
  const note = join(to, "fetched.json");
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known) return JSON.parse(known);
  await emptyFolder(to);
  const found = await fetchers[registry](spec, to);
  if (!isPermissive(found.licence)) return void say(`${spec} is left out: its licence is ${found.licence}`);
  const name = nameOf(spec);
  const fetched = { registry, name, heldOut: /^[hvz]/i.test(name.split("/").pop()), ...found };
  await writeFile(note, JSON.stringify(fetched));
  return fetched;
}

/** The name in `name@version`. */
export const nameOf = (spec) => spec.replace(/(?<=.)@[^@/]*$/, "");

/** `folder` holds the package; `licence` is what the package says of itself. */
const fetchers = {
  async npm(spec, to) {
    const file = (await npm(["pack", spec, "--pack-destination", to])).trim().split("\n").pop();
    await run("tar", ["xzf", file], { cwd: to });
    const [folder] = await folders(to); // "package", as a rule
    const { version, license, author } = JSON.parse(await readFile(join(to, folder, "package.json"), "utf8"));
    return { folder: join(to, folder), version, licence: license?.type ?? license, author: author?.name ?? author };
  },

  async pypi(spec, to) {
    await run("pip", [
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary",
      ":all:",
      "--dest",
      to,
      spec.replace("@", "=="),
    ]);
    const wheel = (await readdir(to)).find((name) => name.endsWith(".whl"));
    await run("unzip", ["-q", wheel, "-d", "package"], { cwd: to });
    const folder = join(to, "package");
    const about = (await readdir(folder)).find((name) => name.endsWith(".dist-info"));
    const metadata = await readFile(join(folder, about, "METADATA"), "utf8");
    const field = (name) => new RegExp(`^${name}: (.{1,60})$`, "mi").exec(metadata)?.[1];
    const classified = /^Classifier: License :: OSI Approved :: (.*)$/m.exec(metadata)?.[1];
    const licence = field("License-Expression") ?? field("License") ?? classified;
    return { folder, version: field("Version"), licence, author: field("Author") ?? field("Author-email") };
  },

  /** A module has no field for its licence: the text of LICENSE is looked at. */
  async go(spec, to) {
    const env = { ...process.env, GOMODCACHE: join(to, "cache"), GOFLAGS: "-modcacherw" };
    const { Dir, Version } = JSON.parse(await run("go", ["mod", "download", "-json", spec], { cwd: to, env }));
    await rename(Dir, join(to, "package"));
    await rm(join(to, "cache"), { recursive: true, force: true });
    const text = await licenceText(join(to, "package"));
    const licence = /\bApache License\s+Version 2\.0/.test(text)
      ? "Apache-2.0"
      : /\bPermission is hereby granted, free of charge/.test(text)
        ? "MIT"
        : /\bRedistribution and use in source and binary forms/.test(text) && "BSD-3-Clause";
    return { folder: join(to, "package"), version: Version, licence, author: /^Copyright.*$/m.exec(text)?.[0] };
  },
};

const folders = async (path) =>
  (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);

/** The texts of all licence and notice files of a package; "" if it has none. */
export async function licenceText(folder) {
  const names = await readdir(folder, { recursive: true });
  const wanted = names.filter((name) =>
    /^([^/]*\.dist-info\/(licenses\/)?)?(licen[cs]e|copying|notice)[^/]*$/i.test(name),
  );
  const texts = await Promise.all(wanted.sort().map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return texts.join("\n").trim();
}

const permissive =
  /^(MIT|MIT-0|ISC|0BSD|BSD(-[23]-Clause)?( License)?|Apache(-| License,? (Version )?)2\.0|Apache Software License|MIT License|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)$/;

/** `A OR B` leaves a choice; `A AND B` does not. */
const isPermissive = (licence) =>
  String(licence ?? "")
    .replace(/[()]/g, "")
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((name) => permissive.test(name.trim())));

export async function emptyFolder(path) {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
}
