// As much of WebAssembly's interface as the device uses: TypeScript has it only together with the whole DOM.

declare namespace WebAssembly {
  /** Can be sent to other threads. */
  class Module {
    private readonly compiled;
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    readonly exports: Record<string, unknown>;
  }
  interface Global {
    readonly value: number;
  }
  class Memory {
    constructor(limits: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Record<string, Record<string, unknown>>): Promise<Instance>;
}
