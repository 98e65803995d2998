// Recognizes passwords, keys and tokens. A model may write out what it has learned, and an adapter may be shared, so a file
// that may hold a secret is left out entirely.

import { looksRandom } from "./looksRandom";

const names = [
  /^\.env|\.env$/i,
  /\.(pem|key|p8|p12|pfx|jks|keystore|kdbx|ovpn|ppk|asc|gpg|jwks?|keytab|tfvars|tfstate)$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)/i,
  /^\.?(credentials?|secrets?|passwords?)(\.(json|ya?ml|toml|ini|cfg|conf|xml|properties|env|csv|txt|enc))?$/i,
  /^(service[-_]?account|client[-_]secret).*\.json$/i,
  /^kubeconfig$/i,
  /^\.(npmrc|pypirc|netrc|pgpass|htpasswd|dockercfg|git-credentials|yarnrc|s3cfg|boto)$|^_netrc$/i,
];
const folders = /(^|\/)\.(git|hg|svn|ssh|aws|azure|gnupg|kube|docker)\//i;

export const hasSecretName = (path: string): boolean =>
  folders.test(path) || names.some((name) => name.test(path.slice(path.lastIndexOf("/") + 1)));

/** Formats that the issuers of tokens made recognizable. */
const tokens = [
  /-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY/, // also OpenSSH's and PGP's
  /\bPuTTY-User-Key-File-\d/,
  /\b(AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/, // Amazon
  /\b(gh[opsur]_[0-9A-Za-z]{36}|github_pat_\w{22})/,
  /\bglpat-[\w-]{20}/,
  /\bxox[abeoprs]-[\w-]{10}|\bxapp-\d-\w{8}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{16}/,
  /\bAIza[\w-]{35}|\bya29\.[\w-]{20}|\bGOCSPX-[\w-]{20}/, // Google
  /\b([rs]k_(live|test)|whsec)_[0-9A-Za-z]{16}/, // Stripe
  /\bnpm_[0-9A-Za-z]{36}/,
  /\bpypi-AgE[\w-]{50}/,
  /\bsk-[\w-]*[0-9A-Za-z]{32}/, // OpenAI, Anthropic
  /\bhf_[0-9A-Za-z]{30}/,
  /\bSG\.[\w-]{22}\.[\w-]{43}/, // SendGrid
  /\bdop_v1_[0-9a-f]{64}/,
  /\bAccountKey=[0-9A-Za-z+/]{80}/, // Azure
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10}/, // JSON web tokens
  /"d"\s*:\s*"[\w-]{40}/, // JSON web keys
  /\b\d{8,10}:AA[\w-]{33}/, // Telegram
];

// The length of names is limited: without a limit, a long run of letters would be searched once from each letter.
const passwords = "(?:passw(?:or)?d|passphrase|pwd)\\w{0,100}";
const named =
  "(?:secret|token|credential|(?:api|access|private|auth|encryption|client)[-_]?key)\\w{0,100}(?:[-_]data)?";

/** Patterns of a value assigned to a name. Passwords may be shorter than generated keys. */
const assignments = (pattern: (name: string, least: number) => RegExp) => [pattern(passwords, 8), pattern(named, 12)];

/** `apiKey: "…"`, `"api-key" => '…'`, `api_key := "…"`. */
const quoted = assignments(
  (name, least) =>
    new RegExp(`${name}["'\`\\])]*\\s*(?::\\s*\\w+\\s*=|=>|[:=]{1,2})\\s*["'\`]([^"'\`\\s]{${least},})["'\`]`, "gi"),
);
/** `API_KEY=…`, alone on a line. */
const bare = assignments(
  (name, least) =>
    new RegExp(
      `^[ \\t-]*(?:export +|set +|ENV +|ARG +)?[\\w.-]{0,200}${name}[ \\t]*[:= ][ \\t]*([\\w+/=.~!@#$%^&*-]{${least},})[ \\t\\r]*$`,
      "gim",
    ),
);
/** `<apiKey>…</apiKey>`. */
const tagged = assignments((name, least) => new RegExp(`<[\\w:.-]{0,200}${name}>\\s*([^<\\s]{${least},})\\s*</`, "gi"));
/** `Server=db;Password=…;` in a connection string. */
const connected = assignments(
  (name, least) => new RegExp(`[;"'\`]${name}=([^;\\s"'\`()[\\]{}]{${least},})[;"'\`]`, "gi"),
);
/** `Authorization: Bearer …` and `curl -u name:…`. */
const sent = [/\b(?:Basic|Bearer)\s+([\w+/=.~-]{16,})/g, /\s(?:-u|--user)[ =]["']?[^\s:"']{1,99}:([^\s"']{8,})/g];
/** `postgres://name:password@host`. */
const inAddress = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]{1,99}:([^\s:/@"'`]{8,})@/gi;

/** Languages in which a value needs no quotes. In others an unquoted value is a name. */
const unquoted = new Set([
  "dockerfile",
  "ini",
  "properties",
  "shellscript",
  "toml",
  "yaml",
  "bat",
  "plaintext",
  undefined,
]);

/** Whether the text may hold a secret. */
export function holdsSecret(text: string, languageId: string | undefined): boolean {
  if (tokens.some((token) => token.test(text))) return true;
  const everywhere = [...quoted, ...tagged, ...connected, ...sent, inAddress];
  const patterns = unquoted.has(languageId) ? [...everywhere, ...bare] : everywhere;
  return patterns.some((pattern) => [...text.matchAll(pattern)].some(([, value]) => looksRandom(value)));
}

/** The pairs in which there is no secret, and the numbers, from 1, of those in which there may be one. */
export function withoutSecrets<P extends { prompt: string; response: string }>(pairs: readonly P[]) {
  const holds = ({ prompt, response }: P) => [prompt, response].some((text) => holdsSecret(text, undefined));
  const leftOut = pairs.flatMap((pair, i) => (holds(pair) ? [i + 1] : []));
  return { taken: pairs.filter((_, i) => !leftOut.includes(i + 1)), leftOut };
}
