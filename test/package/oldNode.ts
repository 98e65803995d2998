// The path of the Node inside the oldest supported VS Code (tools/oldNode.mjs).
import { resolve } from "node:path";

export const oldNode = resolve(`.cache/node/node_modules/node-${process.platform}-${process.arch}/bin/node`);
