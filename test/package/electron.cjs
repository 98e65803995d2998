// Required before all else, in each thread: makes a Node like the one inside a desktop VS Code, as far as that is known. It
// says that it is Electron's, and forbids buffers outside the heap, so that nothing can be read from a mapped GPU buffer.
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
