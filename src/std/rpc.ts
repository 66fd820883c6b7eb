/** A function as an endpoint. `std/rpc` */

/**
 * Turns a function into a handler: arguments come as `?args=[…]`, or as the JSON body `{ "args": […] }` or `[…]`.
 *
 * @example
 * ```ts
 * import { rpc } from "https://esm.town/v/std/rpc";
 *
 * const add = rpc((a: number, b: number) => a + b);
 *
 * const got = await add(new Request("https://example.com/?args=[2,3]"));
 * console.log(await got.json()); // → 5
 *
 * const posted = await add(
 *   new Request("https://example.com/", { method: "POST", body: JSON.stringify({ args: [4, 5] }) }),
 * );
 * console.log(await posted.json()); // → 9
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: with unknown[] no function of other parameters would fit
export function rpc(fn: (...args: any[]) => unknown): (req: Request) => Promise<Response> {
  return async (req) => {
    const args = await readArguments(req);
    if (!args) {
      const error = 'Arguments are a JSON array: ?args=[1,2], or a body such as {"args":[1,2]}.';
      return Response.json({ error }, { status: 400 });
    }
    return Response.json((await fn(...args)) ?? null);
  };
}

/** `undefined`: there are some, but not as they should be. */
async function readArguments(req: Request): Promise<unknown[] | undefined> {
  const text = req.body ? await req.text() : new URL(req.url).searchParams.get("args");
  if (!text) return [];
  try {
    const value = JSON.parse(text);
    const args = Array.isArray(value) ? value : value?.args;
    return Array.isArray(args) ? args : undefined;
  } catch {
    return undefined;
  }
}
