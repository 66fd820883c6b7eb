/** Header names that Hamlet adds, lower-case. */

/** On a request: the trace id the visitor's answer will carry. On a response: the same, for the visitor. 32 hex digits. */
export const TRACE = "x-hamlet-trace";
/** On a response that is Hamlet's own and not the val's: the error code. Also how the guest says that the handler threw. */
export const ERROR = "x-hamlet-error";
/** On a request by the short way: through how many vals it came, so that a val that calls itself comes to an end. */
export const HOPS = "x-hamlet-hops";
/**
 * On a request that the gateway passes to the town's own servers: the one address that the visitor really has, so that
 * limits can be kept by it. A visitor cannot say it; missing for a val of this town.
 */
export const CLIENT = "x-hamlet-client";
/** On a response: the version of the val that answered. */
export const VERSION = "x-hamlet-version";
/** On an answer of the model proxy: `demo` when no real model wrote it. */
export const MODEL = "x-hamlet-model";
/**
 * On a call of an endpoint by the app's own pages: what to ask, as JSON in base64. Not `x-hamlet-…`, which no visitor can
 * say.
 */
export const CALL = "hamlet-call";
/** On the answer to that: the val's status and headers, written likewise. */
export const ANSWER = "hamlet-answer";
