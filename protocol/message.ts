// A message is its method name, which carries the types of what travels: neither side can send the wrong thing.

declare const types: unique symbol;

/** A method that is answered. */
export type Request<Params, Result> = string & { readonly [types]?: (params: Params) => Result };

/** A method that is not. */
export type Notification<Params> = string & { readonly [types]?: (params: Params) => void };
