import assert from "node:assert/strict";
import { test } from "node:test";
import { hasSecretName, holdsSecret } from "../../../server/workspace/secrets";

const secretNames = [".env", ".env.local", "a/server.pem", "id_rsa", "ssh/id_ed25519.old", "tls.key", "credentials"];
const more = [
  "prod.env",
  "a/kubeconfig",
  "signing.jwk",
  "http.keytab",
  "credentials.json",
  "a/secrets.yml",
  ".npmrc",
  ".netrc",
  ".git/config",
  "x/.aws/config",
  "prod.tfvars",
];
for (const path of [...secretNames, ...more])
  test(`${path} is secret by its name`, () => assert.ok(hasSecretName(path)));
for (const path of ["env.ts", "keyboard.ts", "credentials.ts", "src/secrets.go", "token.rs", "gitignore", "monkey.ts"])
  test(`${path} is not secret by its name`, () => assert.ok(!hasSecretName(path)));

// In two halves, so that no scanner of this project's own files takes them for real.
const secrets: [what: string, text: string][] = [
  ["a private key", "-----BEGIN RSA PRIV" + "ATE KEY-----\nMIIE"],
  ["Amazon's key", `const id = "AKIA${"Q3EGRZ7KD2MNPW5X"}";`],
  ["GitHub's token", `url: ghp_${"a8Kd93jfLs02mNbVcXz71qWeRtYuIoPlKjHg"}`],
  ["GitHub's fine-grained token", `github_pat_${"11ABCDEFG0abcdefghijkl"}`],
  ["Slack's token", `xoxb-${"123456789012-abcdef"}`],
  ["Google's key", `AIza${"SyD9x8w7v6u5t4s3r2q1p0o9n8m7l6k5j4i"}`],
  ["Stripe's key", `sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}`],
  ["npm's token", `npm_${"a8Kd93jfLs02mNbVcXz71qWeRtYuIoPlKjHg"}`],
  ["a JSON web token", `eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIxMjM0NTY3ODkwIn0"}.dozjgNryP4J3jVmNHl0w5N`],
  ["a password", `password: "${"tR7$kq9Lm2!x"}"`],
  ["a typed constant", `const apiKey: string = '${"9f8a7c6b5d4e3f2a1b0c9d8e"}';`],
  ["a key of an object", `{ "client-secret": "${"q8W3e7R2t6Y1u5I9o4P0"}" }`],
  ["Go's assignment", `accessKey := "${"q8W3e7R2t6Y1u5I9o4P0"}"`],
  ["an environment variable", `process.env["AUTH_TOKEN"] = "${"q8W3e7R2t6Y1u5I9o4P0"}"`],
  ["a password of ten characters", `"password": "${"S3cr3tP4ss"}"`],
  ["a password in a connection string", `"Server=db;User Id=sa;Password=${"tR7kq9Lm2x"};"`],
  ["a password in a tag", `<db.password>${"tR7kq9Lm2x"}</db.password>`],
  ["a bearer token", `{ Authorization: "Bearer ${"9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c"}" }`],
  ["basic authentication", `Authorization: Basic ${"YWRtaW46dFI3a3E5TG0yeDEyMzQ1Ng=="}`],
  ["a password of curl", `curl -u admin:${"tR7kq9Lm2xQ4"} https://x`],
  ["Telegram's token", `"123456789:${"AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"}"`],
  ["a JSON web key", `{"kty":"RSA","d":"${"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH"}"}`],
  ["Kubernetes' key", `client-key-data: "${"LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt"}"`],
  ["a password in a URL", `postgres://admin:${"tR7kq9Lm2x"}@db/orders`],
];
for (const [what, text] of secrets)
  test(`${what} is secret`, () => assert.ok(holdsSecret(`before\n${text}\nafter\n`, "typescript")));

test("a value without quotes is secret in languages that write values so", () => {
  const line = `a: 1\nexport API_TOKEN=${"q8W3e7R2t6Y1u5I9o4P0"}\n`;
  assert.ok(holdsSecret(line, "shellscript"));
  assert.ok(holdsSecret(line.replace("export ", "  ").replace("=", ": "), "yaml"));
  assert.ok(holdsSecret(`db:\n  password: ${"tR7kq9Lm2x"}\n`, "yaml"));
  assert.ok(holdsSecret(`db.password=${"tR7kq9Lm2x"}\n`, "properties"));
  assert.ok(!holdsSecret("token = generateAccessTokenVersion2\n", "python"));
});

/** Every way to write a password, with 8 characters of it and with 7. */
const passwordForms: [form: string, languageId: string, write: (password: string) => string][] = [
  ["in quotes", "typescript", (password) => `password: "${password}"`],
  ["without quotes", "yaml", (password) => `password: ${password}`],
  ["in a tag", "xml", (password) => `<password>${password}</password>`],
  ["in a connection string", "typescript", (password) => `"User Id=sa;Password=${password};"`],
  ["in a URL", "typescript", (password) => `postgres://admin:${password}@db/orders`],
  ["of curl", "typescript", (password) => `curl -u admin:${password} `],
];
for (const [form, languageId, write] of passwordForms)
  test(`a password ${form} is secret from 8 characters on`, () => {
    assert.ok(holdsSecret(write("tR7kq9Lm"), languageId));
    assert.ok(!holdsSecret(write("tR7kq9L"), languageId));
  });

test("a key is secret from 12 characters on", () => {
  assert.ok(holdsSecret('apiKey = "tR7kq9Lm2xQ4"', "typescript"));
  assert.ok(!holdsSecret('apiKey = "tR7kq9Lm2xQ"', "typescript"));
});

const harmless = [
  "const password = process.env.PASSWORD;",
  'const secret = "your-secret-key-1234";',
  'const token = "{{ACCESS_TOKEN_2}}";',
  "const token = `$" + "{prefix}-2f7a8c9d1e`;",
  'passwordLabel: "Enter your password2"',
  'const tokenType = "accessTokenOfUser2";',
  'token: "aaaaaaaaaaaaaaaaaaa1"',
  'export const secretKeyLength = "sha256-with-rsa-encryption";',
  'integrity: "sha512-52N+Y4HRMOJmbLmr+DqO4iSRyyB7N52gm7PWCT6h0p978"',
  "postgres://user:password@localhost/db",
  "const task = sk-learn;",
  "const password = read(password1);",
  "if (pwd === undefined || pwd.length < 12) throw tooShort;",
  "let passwd2 = passwords[i2]; let x = 1;",
  "Authorization: Bearer your-access-token-2",
  "docker run --user 1000:100000 image",
  '"d": "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z"',
];
for (const text of harmless) test(`${text} is harmless`, () => assert.ok(!holdsSecret(text, "typescript")));

test("a long run of letters is searched in linear time", () => {
  const run = "token".repeat(50_000); // in quadratic time this takes minutes
  assert.ok(!holdsSecret(run, "yaml"));
});
