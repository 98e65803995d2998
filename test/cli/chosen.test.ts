// Which files of a folder `glassbox train`, `pretrain` and `eval` read. No line of them is in the files that they write.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fixture } from "../engine/models/open";
import { project } from "../server/lesson/project";
import { glassbox, type Ran } from "./glassbox";

const model = ["--model", fixture("llama.gguf"), "--device", "cpu", "--threads", "1"];
let folder: string;
const inFolder = (name: string) => join(folder, name);

// In two halves, so that no scanner of this project's own files takes them for real.
const secrets: Record<string, string> = {
  "app/id_rsa": `-----BEGIN OPENSSH PRIV${"ATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n"}`,
  "app/tls/server.pem": `-----BEGIN PRIV${"ATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"}`,
  "app/credentials.json": `{ "user": "${"admin-of-the-shop"}" }\n`,
  "app/prod.env": `DATABASE=${"orders-of-the-shop"}\n`,
  "app/.env": `MAIL=${"mail-of-the-shop"}\n`,
  "app/src/session.ts": `export const session = "eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIxMjM0NTY3ODkwIn0"}.dozjgNryP4J3jVmNHl0w5N";\n`,
  "app/src/pay.ts": `pay("sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}");\n`,
  "app/src/bucket.py": `KEY = "AKIA${"Q3EGRZ7KD2MNPW5X"}"\n`,
  "app/src/db.ts": `connect("postgres://admin:${"tR7kq9Lm2x"}@db/orders");\n`,
  "app/config/database.yml": `db:\n  password: ${"tR8kq9Lm2x"}\n`,
  "app/Dockerfile": `FROM node\nENV API_KEY=${"q8W3e7R2t6Y1u5I9o4P0"}\n`,
  "app/notes.md": `Send \`Authorization: Bearer ${"9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c"}\`.\n`,
};
const left: Record<string, string[]> = {
  "It may hold a password, a key or a token": Object.keys(secrets),
  "A .gitignore file leaves it out": ["app/build/", "app/src/mine.local.ts", "app/src/nested.ts", "app/above.ts"],
  "It was written by a program": ["app/package-lock.json", "app/yarn.lock", "app/go.sum", "app/dist/"],
  "It was copied from another project": ["app/node_modules/"],
  "It is neither code nor prose, but a picture, a font, an archive or data": ["app/picture.png"],
  "It is larger than 256 KB": ["app/src/large.ts"],
  "It is empty": ["app/src/empty.ts"],
  "It is not UTF-8 text": ["app/src/binary.ts"],
  "It has the same text as another file": ["app/src/copy.ts"],
};
const sources = Object.fromEntries(
  [...project.files]
    .filter(([uri]) => /\/src\/Red/.test(uri))
    .map(([uri, text]) => [`app/${uri.slice(project.folder.length + 1)}`, text]),
);
const ordinary = "line of a file that is left out\n";
const taken = [...Object.keys(sources), "app/.gitignore", "app/src/.gitignore", "app/.github/ci.yml"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-chosen-"));
  const texts: Record<string, string | Uint8Array> = {
    ...Object.fromEntries(
      Object.values(left)
        .flat()
        .map((path) => [path.endsWith("/") ? `${path}x/index.ts` : path, ordinary]),
    ),
    ...secrets,
    ...sources,
    "app/src/large.ts": "export const a = 1;\n".repeat(14_000),
    "app/src/empty.ts": "",
    "app/src/binary.ts": Buffer.of(0x63, 0, 0xff),
    "app/src/copy.ts": `${sources["app/src/RedApple.ts"]}\n\n`,
    ".gitignore": "/app/above.ts\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    "app/.gitignore": "build/\n*.local.ts\n",
    "app/src/.gitignore": "nested.ts\n",
    "app/.github/ci.yml": "on: push\njobs: {}\n",
    "outside.ts": ordinary,
  };
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(inFolder(path)), { recursive: true });
    await writeFile(inFolder(path), text);
  }
  await symlink(inFolder("outside.ts"), inFolder("app/link.ts"));
  await symlink(inFolder("app"), inFolder("app/round"));
  execFileSync("mkfifo", [inFolder("app/pipe.ts")]);
});
after(() => rm(folder, { recursive: true }));

function done({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out;
}

/** Checks that stderr lists which files were left out, and why. */
function expectChosen(err: string) {
  const count = Object.values(left).flat().length;
  assert.match(err, new RegExp(`^${taken.length} files.*; ${count} left out$`, "m"));
  for (const [reason, paths] of Object.entries(left)) {
    const line = err.split("\n").find((line) => line.startsWith(`  ${reason}: `));
    assert.ok(line, `${reason} in ${err}`);
    const named = line.slice(reason.length + 4).split(", ");
    assert.deepEqual(named.sort(), paths.map((path) => path.slice("app/".length)).sort());
  }
  assert.doesNotMatch(err, /link|round|pipe|outside|HEAD/);
}

/** Checks that none of these files holds a line of the folder that is longer than 8 characters. */
async function expectNoLines(paths: readonly string[]) {
  const lines = Object.values({ ...secrets, ...sources })
    .flatMap((text) => text.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length > 8);
  for (const path of paths) {
    const text = await readFile(path, "utf8");
    for (const line of lines) assert.ok(!text.includes(line), `${path} holds ${line}`);
  }
}

const train = (out: string, ...paths: string[]) =>
  glassbox(["train", ...paths, "--steps", "2", "--rank", "2", "--out", inFolder(out), ...model]);

test("train leaves out the same files as the editor, lists them with reasons, and writes no line of what it read", async () => {
  const ran = await train("a.gguf", inFolder("app"));
  const { examples } = JSON.parse(done(ran));
  assert.ok(examples.length > 0, "lines of what was held out are shown, and stay in the terminal");
  expectChosen(ran.err);
  for (const secret of Object.values(secrets)) assert.ok(!(ran.out + ran.err).includes(secret.trim()));

  const half = ["--type", "f16", ...model.slice(0, 2)];
  done(await glassbox(["adapter", "export", inFolder("a.gguf"), inFolder("half.gguf"), ...half]));
  done(await glassbox(["adapter", "export", inFolder("a.gguf"), inFolder("peft"), ...model.slice(0, 2)]));
  done(await glassbox(["adapter", "import", inFolder("peft"), inFolder("back.gguf"), ...model.slice(0, 2)]));
  done(await glassbox(["adapter", "merge", inFolder("a.gguf"), inFolder("merged.gguf"), ...model.slice(0, 2)]));
  const peft = (await readdir(inFolder("peft"))).map((name) => inFolder(`peft/${name}`));
  assert.equal(peft.length, 2);
  await expectNoLines([...["a", "half", "back", "merged"].map((name) => inFolder(`${name}.gguf`)), ...peft]);
  const { metadata } = JSON.parse(
    done(await glassbox(["adapter", "info", inFolder("back.gguf"), ...model.slice(0, 2)])),
  );
  assert.equal(metadata.report.steps, 2);
});

test("pretrain and eval read the same files of a folder as train", async () => {
  const tiny = ["--vocab", "270", "--layers", "1", "--width", "32", "--heads", "1", "--context", "32", "--batch", "1"];
  const out = ["--out", inFolder("m.gguf"), "--steps", "1", "--device", "cpu", "--threads", "1"];
  const made = await glassbox(["pretrain", inFolder("app"), ...out, ...tiny]);
  done(made);
  expectChosen(made.err);
  const measured = await glassbox(["eval", inFolder("app"), "--lines", "1", ...model]);
  assert.equal(JSON.parse(done(measured)).files, taken.length);
  expectChosen(measured.err);
  assert.ok(measured.err.includes(`\nReading ${taken.length} files, 0.0 MB\n`), measured.err);
});

test("a file that is named several times is read once", async () => {
  const [app, src] = [inFolder("app"), inFolder("app/src")];
  const again = await train("twice.gguf", app, `${app}/.`, src, inFolder("app/round"), join(src, "RedApple.ts"));
  expectChosen(done(again) && again.err);
});

test("train leaves out a file that may hold a secret even if it is named itself, and eval reads it", async () => {
  const [secret, other] = [inFolder("app/src/pay.ts"), inFolder("app/src/RedApple.ts")];
  const ran = await train("named.gguf", secret, inFolder("app/prod.env"), other);
  assert.match(ran.err, /^1 file; 2 left out\n {2}It may hold a password, a key or a token: .*pay\.ts, .*prod\.env$/m);
  const alone = await train("alone.gguf", secret);
  assert.equal(alone.code, 2);
  assert.match(alone.err, /the texts hold nothing to learn/);
  assert.equal(JSON.parse(done(await glassbox(["eval", secret, "--lines", "1", ...model]))).files, 1);
});

test("an ignored folder is read if it is named itself", async () => {
  const ran = await glassbox(["eval", inFolder("app/build"), "--lines", "1", ...model]);
  assert.equal(JSON.parse(done(ran)).files, 1);
});
