/**
 * What the guest needs of the language and of Deno, taken at start. The val runs in the same realm and may replace any
 * prototype method: guest code that runs after the import uses these, string concatenation and plain property access only,
 * so that such a val can mislead nobody but itself and never sees the nonce.
 */

interface Internals {
  core: {
    print(text: string, toStderr: boolean): void;
    getAsyncContext(): unknown;
    setAsyncContext(context: unknown): void;
  };
  Console: new (print: (text: string, level: number) => void) => Console;
  inspectArgs(values: unknown[]): string;
}

// Deno's own console and async context are reachable only here; the Deno version is pinned, and the tests would fail.
const deno = Deno as unknown as Record<symbol, Internals> & { internal: symbol };
const internals = deno[deno.internal] as Internals;

type Method = (...args: never[]) => unknown;
type Uncurried<M> = M extends (...args: infer A) => infer R ? (self: unknown, ...args: A) => R : never;

const { bind, call } = Function.prototype;

/** A method as a function that takes `this` as its first argument and looks nothing up when called. */
export function uncurry<M extends Method>(method: M): Uncurried<M> {
  return bind.call(call, method) as Uncurried<M>;
}

export const print = internals.core.print;
export const getAsyncContext = internals.core.getAsyncContext;
export const setAsyncContext = internals.core.setAsyncContext;
export const Console = internals.Console;
export const inspectArgs = internals.inspectArgs;

/** What generator functions and asynchronous ones inherit from. */
export const GeneratorPrototypes = [
  Object.getPrototypeOf(function* () {}),
  Object.getPrototypeOf(async function* () {}),
] as const;
/** Whether a value inherits from a prototype. */
export const isA = uncurry(Object.prototype.isPrototypeOf) as (prototype: object, value: unknown) => boolean;
export const stringify = JSON.stringify as (value: string) => string;
export const parse = JSON.parse as (text: string) => unknown;
export const indexOf = uncurry(String.prototype.indexOf);
export const slice = uncurry(String.prototype.slice);
export const chain = uncurry(Promise.prototype.then);
export const preventDefault = uncurry(Event.prototype.preventDefault);
export const decode = TextDecoder.prototype.decode.bind(new TextDecoder());
export const now = performance.now.bind(performance);
export const dateNow = Date.now;
export const NativeDate = Date;
export const keysOf = Object.keys;
export const startTimer = setTimeout;
export const NativeRequest = Request;
export const NativeResponse = Response;
export const NativeURL = URL;
export const NativeMap = Map;
export const NativeSet = Set;
export const nativeFetch = fetch;
export const createHttpClient = Deno.createHttpClient;
export const readStdin = Deno.stdin.read.bind(Deno.stdin);
export const inspect = Deno.inspect;
export const exit = Deno.exit;
