export { Embedding } from "./embedding";
export { Linear } from "./linear";
export { RmsNorm } from "./norm";
export { type RopeConfig, type RopeScaling, rotations } from "./positions";
export { WeightError, type Weights, weightsOf } from "./weights";
