export { type Cache, kvCache, packed, type Seen } from "./cache";
export { Embedding } from "./embedding";
export { Linear } from "./linear";
export type { AdapterTensors, Attached } from "./lora";
export { RmsNorm } from "./norm";
export { type RopeConfig, type RopeScaling, rotations } from "./positions";
export { type Locate, uploaded, WeightError, type Weights, weightsOf } from "./weights";
