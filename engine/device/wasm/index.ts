export { createWasmDevice } from "./wasm";
