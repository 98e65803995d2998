// Language ids and their grammars, by the names of the files in @vscode/tree-sitter-wasm. The build copies these files.
// PowerShell's is left out: V8 spends half a minute of a core on optimizing it, and loads no other grammar meanwhile.
export const grammars: Record<string, string> = {
  c: "cpp",
  cpp: "cpp",
  csharp: "c-sharp",
  css: "css",
  go: "go",
  java: "java",
  javascript: "javascript",
  javascriptreact: "javascript",
  php: "php",
  python: "python",
  ruby: "ruby",
  rust: "rust",
  shellscript: "bash",
  typescript: "typescript",
  typescriptreact: "tsx",
};
