// A message is declared as its method name. The type of the name carries the types of params and result, so that the compiler
// checks both sides.

declare const types: unique symbol;

/** A method with an answer. */
export type Request<Params, Result> = string & { readonly [types]?: (params: Params) => Result };

/** A method without an answer. */
export type Notification<Params> = string & { readonly [types]?: (params: Params) => void };
