// Replaces the methods that the guest's code might call, to see the nonce of its control lines go by.
import { attack, ownProcess } from "./attempt.ts";

const reason = "the guest runs in its own process";
const LOOT = /[0-9a-f]{32} \{"kind"|"nonce":"[0-9a-f]{32}"|^[0-9a-f]{32}$/;
// Long enough for the host to ask for a sign of life.
const WATCH_MS = 1200;

const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
const { exec } = RegExp.prototype;
const seen: string[] = [];

function look(what: string, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "string" && apply(exec, LOOT, [value]) && seen.length < 10)
      seen[seen.length] = `${what}: ${value}`;
  }
}

/** Replaces every method of `target` by one that looks at what passes through; returns how to undo it. */
function tap(name: string, target: object): () => void {
  const undo: (() => void)[] = [];
  for (const key of ownKeys(target)) {
    const original = getOwnPropertyDescriptor(target, key);
    if (!original?.configurable || typeof original.value !== "function" || key === "constructor") continue;
    const method = original.value;
    const label = `${name}.${String(key)}`;
    defineProperty(target, key, {
      ...original,
      value: function (this: unknown, ...values: unknown[]) {
        look(label, [this]);
        look(label, values);
        const result = new.target
          ? Reflect.construct(method, values, new.target)
          : apply(method, this, values);
        look(label, [result]);
        return result;
      },
    });
    undo[undo.length] = () => defineProperty(target, key, original);
  }
  return () => {
    for (let i = 0; i < undo.length; i++) undo[i]?.();
  };
}

async function watch(taps: () => (() => void)[]): Promise<string[]> {
  seen.length = 0;
  const undo = taps();
  try {
    console.log("speak, guest");
    console.error(new Error("and describe this"));
    reportError(new Error("and this"));
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  } finally {
    for (let i = undo.length; i-- > 0; ) undo[i]?.();
  }
  if (seen.length === 0) throw new Error("nothing of interest went by");
  return [...seen];
}

let turn: Promise<unknown> = Promise.resolve();
const queued = (taps: () => (() => void)[]) =>
  ownProcess(reason, () => {
    const result = turn.then(() => watch(taps));
    turn = result.catch(() => {});
    return result;
  });

export default attack({
  language: queued(() => [
    tap("JSON", JSON),
    tap("String", String.prototype),
    tap("Number", Number),
    tap("Math", Math),
    tap("Object", Object),
    tap("Date", Date),
  ]),
  collections: queued(() => [
    tap("Array", Array.prototype),
    tap("Map", Map.prototype),
    tap("Set", Set.prototype),
    tap("WeakMap", WeakMap.prototype),
    tap("Uint8Array", Object.getPrototypeOf(Uint8Array.prototype)),
    tap("RegExp", RegExp.prototype),
  ]),
  "functions, promises and Object.prototype": queued(() => [
    tap("Function", Function.prototype),
    tap("Promise", Promise.prototype),
    tap("Reflect", Reflect),
    ...["kind", "nonce", "entry", "text", "then", "toJSON", "level"].map(getter),
  ]),
  "the web's classes": queued(() => [
    tap("TextEncoder", TextEncoder.prototype),
    tap("TextDecoder", TextDecoder.prototype),
    tap("Response", Response.prototype),
    tap("Headers", Headers.prototype),
    tap("Request", Request.prototype),
    tap("URL", URL.prototype),
    tap("ReadableStream", ReadableStream.prototype),
    tap("console", console),
    tap("globalThis", { setTimeout, queueMicrotask, structuredClone }),
  ]),
  "Deno's own": queued(() => [
    tap("Deno.stdout", Object.getPrototypeOf(Deno.stdout)),
    tap("Deno.stdin", Object.getPrototypeOf(Deno.stdin)),
    tap("Deno", Deno),
  ]),
});

/** Would be found on any object that has no such property of its own. */
function getter(name: string): () => void {
  defineProperty(Object.prototype, name, {
    configurable: true,
    get(this: unknown) {
      look(`Object.prototype.${name}`, [
        this,
        ...(typeof this === "object" && this ? Object.values(this) : []),
      ]);
      return undefined;
    },
    set(this: object, value: unknown) {
      look(`Object.prototype.${name}`, [value]);
      defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
    },
  });
  return () => {
    delete (Object.prototype as Record<string, unknown>)[name];
  };
}
