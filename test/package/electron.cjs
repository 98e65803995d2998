// Emulates the Node inside a desktop VS Code, as far as its differences are known; required first in each thread. The process has
// Electron's version, and external buffers are forbidden, so that a mapped GPU buffer cannot be read.
Object.defineProperty(process, "versions", { value: Object.freeze({ ...process.versions, electron: "29.4.0" }) });

const { dlopen } = process;
process.dlopen = (module, ...rest) => {
  dlopen.call(process, module, ...rest);
  const { GPUBuffer } = module.exports.globals ?? {};
  if (GPUBuffer)
    GPUBuffer.prototype.getMappedRange = () => {
      throw new Error("External buffers are not allowed");
    };
};
