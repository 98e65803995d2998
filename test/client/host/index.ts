// The VS Code that tools/vscode.mjs fetched: its server, and a browser for it.
export { openBrowser, softwareVulkan } from "./browser";
export { installExtension, type Server, type ServerOptions, startServer } from "./server";
