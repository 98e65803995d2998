// What kind of file a path names: its language as the editor calls it, whether it holds text that was written to be read,
// and whether it belongs to the project.

const endings: Record<string, string> = {
  bat: "bat cmd",
  c: "c",
  clojure: "clj cljs cljc edn",
  coffeescript: "coffee",
  cpp: "cpp cc cxx h hh hpp hxx inl ino",
  csharp: "cs csx",
  css: "css",
  "cuda-cpp": "cu cuh",
  dart: "dart",
  elixir: "ex exs",
  erlang: "erl hrl",
  fsharp: "fs fsi fsx",
  go: "go",
  graphql: "graphql gql",
  groovy: "groovy gradle",
  handlebars: "hbs handlebars",
  haskell: "hs",
  html: "html htm xhtml",
  ini: "ini cfg",
  java: "java",
  javascript: "js mjs cjs",
  javascriptreact: "jsx",
  json: "json",
  jsonc: "jsonc",
  julia: "jl",
  kotlin: "kt kts",
  latex: "tex",
  less: "less",
  lisp: "lisp el",
  lua: "lua",
  makefile: "mk mak",
  markdown: "md mdx markdown",
  nix: "nix",
  "objective-c": "m",
  "objective-cpp": "mm",
  perl: "pl pm",
  php: "php",
  plaintext: "txt",
  powershell: "ps1 psm1 psd1",
  properties: "properties conf",
  proto3: "proto",
  pug: "pug",
  python: "py pyi pyw",
  r: "r",
  razor: "cshtml razor",
  restructuredtext: "rst",
  ruby: "rb rake gemspec",
  rust: "rs",
  sass: "sass",
  scala: "scala sc",
  scss: "scss",
  shellscript: "sh bash zsh ksh fish",
  solidity: "sol",
  sql: "sql",
  stylus: "styl",
  svelte: "svelte",
  swift: "swift",
  terraform: "tf",
  toml: "toml",
  typescript: "ts mts cts",
  typescriptreact: "tsx",
  vb: "vb bas",
  vue: "vue",
  wgsl: "wgsl",
  xml: "xml xsd xsl xslt csproj",
  yaml: "yaml yml",
  zig: "zig",
};

const names: Record<string, string> = {
  dockerfile: "dockerfile",
  gemfile: "ruby",
  gnumakefile: "makefile",
  jenkinsfile: "groovy",
  makefile: "makefile",
  rakefile: "ruby",
};

const byEnding = new Map(
  Object.entries(endings).flatMap(([id, list]) => list.split(" ").map((ending) => [ending, id] as const)),
);

const name = (path: string) => path.slice(path.lastIndexOf("/") + 1).toLowerCase();
const ending = (path: string) => name(path).split(".").slice(1).at(-1) ?? "";

export const languageOf = (path: string): string | undefined => names[name(path)] ?? byEnding.get(ending(path));

const notText = new Set(
  [
    "ai avif bmp eps fig gif heic icns ico jpeg jpg png psd sketch svg tif tiff webp xcf",
    "eot otf ttc ttf woff woff2",
    "aac avi flac glb gltf m4a mkv mov mp3 mp4 obj ogg stl wav webm",
    "7z br bz2 deb dmg gz iso jar rar rpm tar tgz vsix war whl xz zip zst",
    "doc docx odp ods odt pdf ppt pptx rtf xls xlsx",
    "arrow avro csv db geojson h5 har ipynb jsonl log mdb ndjson npy npz parquet pcap sqlite sqlite3 tsv",
    "bin ckpt gguf onnx pb pickle pkl pt pth safetensors tflite",
    "a class dll dylib exe lib node o pdb pyc pyd so wasm",
  ].flatMap((list) => list.split(" ")),
);

/** Pictures and data included that are written in characters. */
export const isNotText = (path: string): boolean => notText.has(ending(path));

const vendored =
  /(^|\/)(node_modules|bower_components|jspm_packages|_?vendor|vendored|third[-_]party|site-packages|\.?venv|Pods|Carthage|\.yarn)\//;

export const isVendored = (path: string): boolean => vendored.test(path);
