// The Node of the oldest VS Code that Glassbox runs in (tools/oldNode.mjs).
import { resolve } from "node:path";

export const oldNode = resolve(`.cache/node/node_modules/node-${process.platform}-${process.arch}/bin/node`);
