// Breaks the methods that everyone's code in its process needs, the guest's included.
const boom = () => {
  throw new Error("broken by the val");
};

const breakages: Readonly<Record<string, () => void>> = {
  json: () => Object.assign(JSON, { parse: boom, stringify: boom }),
  strings: () => breakAll(String.prototype),
  arrays: () => breakAll(Array.prototype),
  iterators: () => Object.defineProperty(Array.prototype, Symbol.iterator, { value: boom }),
  maps: () => breakAll(Map.prototype),
  promises: () => replace(Promise.prototype, "then"),
  // A thenable made of every object: an await of any of them calls this.
  thenables: () => replace(Object.prototype, "then"),
  getters: () => Object.defineProperty(Object.prototype, "kind", { get: boom, set: boom }),
  functions: () => Object.assign(Function.prototype, { call: boom, apply: boom, bind: boom }),
  responses: () => breakAll(Response.prototype),
  headers: () => breakAll(Headers.prototype),
  encoders: () => Object.assign(TextDecoder.prototype, { decode: boom }),
  streams: () => breakAll(ReadableStream.prototype),
  events: () => breakAll(Event.prototype),
  symbols: () => Object.assign(globalThis, { Symbol: boom }),
  timers: () => Object.assign(globalThis, { setTimeout: boom, clearTimeout: boom, queueMicrotask: boom }),
  console: () => Object.assign(globalThis, { console: undefined }),
  deno: () => Object.assign(globalThis, { Deno: undefined, Response: undefined, Request: undefined }),
  errors: () => Object.assign(Error, { prepareStackTrace: boom, captureStackTrace: boom }),
  frozen: () => [Object.prototype, Array.prototype, Function.prototype, globalThis].forEach(Object.freeze),
};

function replace(target: object, name: string): void {
  Object.defineProperty(target, name, { configurable: true, value: boom });
}

function breakAll(prototype: object): void {
  for (const key of Reflect.ownKeys(prototype)) {
    if (key !== "constructor" && Object.getOwnPropertyDescriptor(prototype, key)?.configurable) {
      Object.defineProperty(prototype, key, { value: boom });
    }
  }
}

export default function answer(request: Request): Response {
  const response = new Response("broken");
  const url = request.url;
  const name = url.slice(url.lastIndexOf("/") + 1);
  if (name === "") return response;
  if (name === "list") return Response.json(Object.keys(breakages));
  console.log("before", name);
  breakages[name]?.();
  return response;
}
