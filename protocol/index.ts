// Every message between client and server that is not LSP's own, one file each.
export * from "./accepted";
export * from "./caret";
export * from "./downloadModel";
export * from "./initialize";
export * from "./message";
export * from "./models";
export * from "./selectModel";
export * from "./settings";
export * from "./showPrompt";
export * from "./snooze";
export * from "./status";
