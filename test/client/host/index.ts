// The VS Code that tools/vscode.mjs fetched: its server and a browser to look at it with.
export { openBrowser, softwareVulkan } from "./browser";
export { installExtension, type Server, type ServerOptions, startServer } from "./server";
