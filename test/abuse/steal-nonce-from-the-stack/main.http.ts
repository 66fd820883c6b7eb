// Walks up the stack into the guest's functions and their variables.
import { AsyncLocalStorage } from "node:async_hooks";
import { attack, need, ownProcess } from "./attempt.ts";

const reason = "the guest runs in its own process";
const LOOT = /[0-9a-f]{32}/;

/** A stack frame as V8 gives it to `Error.prepareStackTrace`. */
interface Frame {
  getThis(): unknown;
  getFunction(): unknown;
  getFunctionName(): string | null;
}

interface Engine {
  prepareStackTrace?: ((error: Error, frames: Frame[]) => unknown) | undefined;
  stackTraceLimit: number;
  captureStackTrace(target: object): void;
}

const engine = Error as unknown as Engine;

function frames(): Frame[] {
  const before = { ...engine };
  engine.stackTraceLimit = Number.POSITIVE_INFINITY;
  engine.prepareStackTrace = (_, all) => all;
  const found = (new Error("where") as { stack: unknown }).stack as Frame[];
  engine.prepareStackTrace = before.prepareStackTrace;
  engine.stackTraceLimit = before.stackTraceLimit ?? 10;
  return Array.isArray(found) ? found : [];
}

let inHandler: Frame[] = [];

const handler = attack({
  "functions of the frames": ownProcess(reason, () => {
    const functions = inHandler.map((frame) => frame.getFunction?.()).filter((each) => each !== undefined);
    return need(
      functions.map(String).find((text) => LOOT.test(text)),
      `${functions.length} functions, none with it`,
    );
  }),
  "objects of the frames": ownProcess(reason, () => {
    const texts = inHandler.map((frame) => Deno.inspect(frame.getThis?.(), { depth: 6 }));
    return need(
      texts.find((text) => LOOT.test(text)),
      "none with it",
    );
  }),
  "caller and arguments": ownProcess(reason, () => {
    // Made of text, because modules are strict and strict functions have no caller.
    const sloppy = new Function("return [arguments.callee.caller, arguments.callee.caller?.arguments]");
    const [caller, values] = sloppy() as [unknown, unknown];
    return need(LOOT.test(`${caller} ${Deno.inspect(values)}`) && "seen", "not in there");
  }),
  "the stack of an error that the guest shows": ownProcess(reason, () => {
    let text = "";
    const error = new Error("show me");
    Object.defineProperty(error, Symbol.for("Deno.customInspect"), {
      value: () => {
        text = frames()
          .map((frame) => `${frame.getFunction?.()}`)
          .join("\n");
        return "shown";
      },
    });
    reportError(error);
    return need(LOOT.exec(text)?.[0], `seen ${text.length} characters without it`);
  }),
  "the async context": ownProcess(reason, () => {
    const storage = new AsyncLocalStorage();
    const seen = storage.run({}, () => Deno.inspect(storage.getStore(), { showHidden: true }));
    return need(LOOT.exec(seen)?.[0], "only its own");
  }),
  "the guest's modules, imported again": ownProcess(reason, async () => {
    const found: string[] = [];
    for (const { getFunctionName } of inHandler) need(getFunctionName, "no frames");
    for (const path of ["/hamlet/guest/main.ts", "/hamlet/guest/report.ts", "/hamlet/guest/commands.ts"]) {
      const late = new Promise((_, reject) => setTimeout(() => reject(new Error("the import waits")), 1000));
      const module = await Promise.race([import(`file://${path}`), late]).catch((error) => ({ error }));
      found.push(Deno.inspect(module, { depth: 4 }));
    }
    return need(LOOT.exec(found.join("\n"))?.[0], "their exports do not hold it");
  }),
});

export default (request: Request): Promise<Response> => {
  inHandler = frames();
  return handler(request);
};
