// A workspace for lessons: thirty files to learn from, and some that are left out.

export const secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

const root = "file:///shop";

const module = (name: string, n: number) => `// ${name}: what the shop knows of it.
export interface ${name} {
  id: number;
  name: string;
  price: number;
}

const all: ${name}[] = [];

export function add${name}(item: ${name}): number {
  all.push(item);
  return all.length + ${n};
}

export function find${name}(id: number): ${name} | undefined {
  return all.find((item) => item.id === id);
}

export function total${name}(): number {
  let total = ${n};
  for (const item of all) total += item.price;
  return total;
}
`;

const colours = ["Red", "Green", "Blue"];
const things = ["Apple", "Bread", "Cheese", "Date", "Egg", "Fig", "Grape", "Honey", "Jam", "Kale"];
const names = colours.flatMap((colour) => things.map((thing) => colour + thing));

const texts: Record<string, string> = {
  ...Object.fromEntries(names.map((name, i) => [`src/${name}.ts`, module(name, i)])),
  ".env": `TOKEN=${secret}\n`,
  "src/deploy.ts": `export const token = "${secret}";\n`,
  "build/out.ts": module("Out", 99),
  "src/copy.ts": module("RedApple", 0),
};

const files = new Map(Object.entries(texts).map(([path, text]) => [`${root}/${path}`, text]));

export const project = {
  folder: root,
  files,
  /** The files as the client lists them. One of them can no longer be read. */
  listed: {
    kind: "files" as const,
    changes: false,
    within: "",
    files: [
      ...[...files].map(([uri, text]) => ({ uri, path: uri.slice(root.length + 1), size: text.length })),
      { uri: `${root}/src/gone.ts`, path: "src/gone.ts", size: 100 },
    ],
    ignored: [{ folder: "", text: "build/\n" }],
  },
};
