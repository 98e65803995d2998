// The settings of package.json's "contributes.configuration" as the server reads them, by `workspace/configuration`
// with section "glassbox" and the document as scope. In a workspace that is not trusted the client answers with the
// defaults of `model.path`, so that the server need not know about trust.

export interface Settings {
  completions: {
    enabled: boolean;
    /** Language id → on or off; "*" speaks for all that are not named. */
    languages: Record<string, boolean>;
    /** `manual`: only where the user asked for it. */
    trigger: "automatic" | "manual";
    /** `auto`: several lines where the syntax at the caret calls for them. */
    multiline: "auto" | "never";
    maxTokens: number;
    /** Milliseconds of rest before a completion is computed; the measured latency may make it longer. */
    delay: number;
  };
  model: {
    /** A GGUF file or a Hugging Face model folder; "" is the built-in model. */
    path: string;
    /** Whether the built-in model has the adapter that taught it to fill in the middle. */
    fillInMiddle: boolean;
    /** The longest prompt, in tokens. */
    context: number;
  };
  device: "auto" | "cpu" | "gpu";
  /** CPU threads; 0 leaves it to the engine. */
  threads: number;
}
