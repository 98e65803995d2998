// The Node inside the oldest VS Code that Glassbox runs in, for a test: 1.91 has Electron 29.
import { fetchOnce } from "./fetch.mjs";

export const installOldNode = () =>
  fetchOnce(import.meta.url, "Node 20.9", "node", { [`node-${process.platform}-${process.arch}`]: "20.9.0" });
