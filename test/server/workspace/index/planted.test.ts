// Secrets that are planted in a workspace are in no index, neither in memory nor in what is kept, nor in the log.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder, makeIndex } from "./folder";

const value = "tR7kq9Lm2xQ4vB8n";
const hex = "9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c";

/** In an ignored file or one with a secret name any text is secret; in others, what looks like a secret. */
const planted: [path: string, text: string][] = [
  [".env", `TOKEN=${value}\n`],
  [".env.local", `export DATABASE=${value}\n`],
  ["config/prod.env", `plain words ${value}\n`],
  [".envrc", `export A=${value}\n`],
  ["certs/server.pem", `${value}\n`],
  ["id_rsa", `${value}\n`],
  ["tls.key", `${value}\n`],
  ["credentials.json", `{ "user": "${value}" }\n`],
  ["secrets.yml", `a: ${value}\n`],
  [".npmrc", `registry=${value}\n`],
  [".netrc", `machine a login b ${value}\n`],
  [".aws/config", `key = ${value}\n`],
  ["prod.tfvars", `x = "${value}"\n`],
  [".git/config", `[remote]\n\turl = ${value}\n`],
  [".git-credentials", `https://a:${value}@b\n`],
  ["ignored.ts", `export const notes = "${value}";\n`],
  ["ignored/deep/notes.md", `Call ${value}.\n`],
  ["pkg/local.py", `note = "${value}"\n`],
  ["node_modules/a/index.js", `module.exports = "${value}";\n`],
  ["src/pay.ts", `pay("sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}${value}");\n`],
  ["src/aws.py", `KEY = "AKIA${"Q3EGRZ7KD2MNPW5X"}"  # ${value}\n`],
  ["src/hub.ts", `get("ghp_${"a8Kd93jfLs02mNbVcXz71qWeRtYuIoPlKjHg"}"); // ${value}\n`],
  ["src/jwt.ts", `jwt = "eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIxMjM0NTY3ODkwIn0"}.${value}";\n`],
  ["src/db.ts", `connect("postgres://admin:${value}@db/orders");\n`],
  ["src/password.go", `password := "${value}"\n`],
  ["src/key.rs", `let api_key = "${hex}"; // ${value}\n`],
  ["config.yml", `db:\n  password: ${value}\n`],
  ["Dockerfile", `ENV API_KEY=${value}\n`],
  ["deploy.sh", `curl -u admin:${value} https://a\n`],
  ["docs/api.md", `Send \`Authorization: Bearer ${hex}\`, or ${value}.\n`],
  ["app.config", `<db.password>${value}</db.password>\n`],
  ["keys/private.txt", `-----BEGIN RSA PRIV${"ATE KEY-----"}\n${value}\n`],
];

test("thirty and more forms are planted, each with the value", () => {
  assert.ok(planted.length >= 30);
  for (const [path, text] of planted) assert.ok(text.includes(value), path);
});

for (const how of ["on the disk", "in open documents", "in open documents of a workspace that is not trusted"])
  test(`planted secrets ${how} are in no index, none of its files and no log`, async () => {
    const onDisk = how === "on the disk";
    const rules = {
      ".gitignore": "ignored.ts\nignored/\n",
      "pkg/.gitignore": "*\n",
      "a.ts": "let harmless = admin;\n",
    };
    const files = Object.fromEntries(planted);
    await using folder = await makeFolder({ ...rules, ...(onDisk ? files : {}) });
    await using storage = await makeFolder();
    await using index = makeIndex([folder], { storage: storage.root, trusted: !how.includes("not trusted") });
    await index.settled();
    if (!onDisk)
      for (const [path, text] of planted) index.open({ uri: folder.uriOf(path), languageId: languages(path), text });
    const status = await index.settled();

    const everything = planted.map(([, text]) => text).join("\n");
    const found = await index.search(
      { before: `${value}\nadmin\n${everything.slice(-500)}`, uri: "", languageId: "" },
      100,
    );
    for (const [, text] of planted)
      for (const word of text.match(/\w+/g)!)
        found.push(...(await index.search({ before: word, uri: "", languageId: "" }, 100)));
    assert.deepEqual([...new Set(found.map(({ chunk }) => chunk.path))], how.includes("not trusted") ? [] : ["a.ts"]);
    for (const [path] of planted)
      assert.equal(await index.passage(folder.uriOf(path), { firstLine: 0, lastLine: 9 }), undefined, path);
    assert.equal(status.files, how.includes("not trusted") ? 0 : 2);
    const said = [JSON.stringify(status), ...index.log, ...index.statuses.map((one) => JSON.stringify(one))].join("\n");
    const keptText = await readFile(join(storage.root, "index"), "utf8").catch(() => "");
    for (const secret of [value, hex]) assert.ok(!(said + keptText).includes(secret));
  });

const languages = (path: string) =>
  ({ ts: "typescript", py: "python", go: "go", rs: "rust", md: "markdown", yml: "yaml", sh: "shellscript" })[
    path.split(".").at(-1)!
  ] ?? (path === "Dockerfile" ? "dockerfile" : "plaintext");
