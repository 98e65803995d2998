// The settings of package.json's "contributes.configuration", which the server reads by `workspace/configuration` with the
// section "glassbox" and the document as scope. In an untrusted workspace the client answers with the default of
// `model.path`, so that the server need not know about trust.

import type { PieceSource } from "./showPrompt";

export interface Settings {
  completions: {
    enabled: boolean;
    /** Language id → on or off; "*" stands for all languages that are not named. */
    languages: Record<string, boolean>;
    /** `manual`: only when the user invokes a completion. */
    trigger: "automatic" | "manual";
    /** `auto`: several lines where the syntax at the caret calls for them. */
    multiline: "auto" | "never";
    /** How sure the model must be of a suggestion that comes by itself. */
    show: "sure" | "balanced" | "all";
    maxTokens: number;
    /** Milliseconds without typing before a completion is computed. The server waits longer where completions are slow. */
    delay: number;
    /** Which sources may add pieces to the prompt. */
    context: Record<PieceSource, boolean>;
  };
  model: {
    /** A GGUF file or a Hugging Face model folder; "" is the built-in model. */
    path: string;
    /** Whether the built-in model is loaded with its fill-in-the-middle adapter. */
    fillInMiddle: boolean;
    /** The longest prompt, in tokens. */
    context: number;
  };
  device: "auto" | "cpu" | "gpu";
  /** CPU threads; with 0 the engine chooses. */
  threads: number;
}
