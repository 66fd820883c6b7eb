/** Turns a val's module into the one function that is called: one check for whatever starts it. */

import { GeneratorPrototypes, isA, keysOf } from "./intrinsics.ts";

/** Answers requests on the worker's socket. */
export type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

/** What a handler is called for. */
type Called = "http" | "interval" | "email";

type Exports = Record<string, unknown>;

/** How a handler is written, for the sentences that tell what is missing. */
const WRITTEN: Readonly<Record<Called, { readonly example: string; readonly is: string }>> = {
  http: {
    example: "export default (req: Request) => new Response(…)",
    is: "A handler is a function (req: Request) => Response, or an object with a fetch method.",
  },
  interval: {
    example: "export default (interval: Interval) => …",
    is: "What the clock starts is a function: export default (interval: Interval) => …",
  },
  email: {
    example: "export default (email: Email) => …",
    is: "What a mail starts is a function: export default (email: Email) => …",
  },
};

/** Import the val and find its handler; rejects with the val's own error, or with a sentence for its author. */
export async function load(entry: string): Promise<Handler> {
  const exports: Exports = await import(entry);
  const exported = findExport(exports, "http");
  if (typeof exported.value === "function") return exported.value as Handler;
  const { value } = exported;
  if (hasFetch(value)) return (request, info) => value.fetch(request, info);
  throw new TypeError(`The export "${exported.name}" is ${nameOf(value, "http")}. ${WRITTEN.http.is}`);
}

/**
 * The function that a module of this kind exports, which is imported when it is first called: so what the module does is
 * part of that call, and nothing of the val has run before.
 */
export function handlerIn(
  entry: string,
  kind: Exclude<Called, "http">,
): (argument: unknown) => Promise<unknown> {
  return async (argument) => {
    const exports: Exports = await import(entry);
    const { name, value } = findExport(exports, kind);
    if (typeof value !== "function")
      throw new TypeError(`The export "${name}" is ${nameOf(value, kind)}. ${WRITTEN[kind].is}`);
    if (isGenerator(value))
      throw new TypeError(
        `The export "${name}" is a generator function, of which a call runs nothing. ${WRITTEN[kind].is}`,
      );
    return await value(argument);
  };
}

/** The only export, whatever its name, else the default one. */
function findExport(exports: Exports, kind: Called): { readonly name: string; readonly value: unknown } {
  const names = keysOf(exports);
  if (names.length === 0)
    throw new TypeError(`This file exports nothing. Export its handler: ${WRITTEN[kind].example}`);
  const name = names.length === 1 ? (names[0] as string) : "default";
  if (names.length > 1 && exports.default === undefined) {
    throw new TypeError(
      `This file has several exports and none of them is the default. Export its handler as default: ${WRITTEN[kind].example}`,
    );
  }
  return { name, value: exports[name] };
}

function hasFetch(value: unknown): value is { fetch: Handler } {
  return typeof value === "object" && value !== null && "fetch" in value && typeof value.fetch === "function";
}

function isGenerator(value: unknown): boolean {
  return isA(GeneratorPrototypes[0], value) || isA(GeneratorPrototypes[1], value);
}

function nameOf(value: unknown, kind: Called): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return kind === "http" ? "an object without a fetch method" : "an object";
}
