/** Turns a val's module into the one function that answers requests. */

export type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

/** Import the val and find its handler; rejects with the val's own error, or with a sentence for its author. */
export async function load(entry: string): Promise<Handler> {
  const { keys } = Object;
  const exports: Record<string, unknown> = await import(entry);
  return findHandler(exports, keys(exports));
}

/** The only export, whatever its name, else the default one; a function, or an object with a `fetch` method. */
export function findHandler(exports: Record<string, unknown>, names: readonly string[]): Handler {
  if (names.length === 0) {
    throw new TypeError(
      "This file exports nothing. Export its handler: export default (req: Request) => new Response(…)",
    );
  }
  const name = names.length === 1 ? (names[0] as string) : "default";
  if (names.length > 1 && exports.default === undefined) {
    throw new TypeError(
      "This file has several exports and none of them is the default. Export its handler as default.",
    );
  }
  const exported = exports[name];
  if (typeof exported === "function") return exported as Handler;
  if (hasFetch(exported)) return (request, info) => exported.fetch(request, info);
  throw new TypeError(
    `The export "${name}" is ${nameOf(exported)}. A handler is a function (req: Request) => Response, or an object with a fetch method.`,
  );
}

function hasFetch(value: unknown): value is { fetch: Handler } {
  return typeof value === "object" && value !== null && "fetch" in value && typeof value.fetch === "function";
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  return typeof value === "object" ? "an object without a fetch method" : `a ${typeof value}`;
}
