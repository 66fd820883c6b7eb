/** What outlives its request. Part of `std/utils` */

const KEEP: unique symbol = Symbol.for("hamlet.waitUntil") as never;

/**
 * Keeps the val's process until this work has ended, though its request has been answered; it does not hold the answer up.
 * What it throws is in the request's log. A process is kept for five minutes after its last request, unless the operator of
 * the town has chosen another limit. What is no promise has ended already.
 *
 * @example
 * ```ts
 * import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
 *
 * const work = new Promise((done) => setTimeout(done, 10)).then(() => "done");
 * waitUntil(work);
 * console.log("answered"); // → "answered"
 * console.log(await work); // → "done"
 * ```
 */
export function waitUntil(work: unknown): void {
  const { [KEEP]: keep } = globalThis as { [KEEP]?: (work: unknown) => void };
  if (keep) keep(work);
  // Not in a val's own thread: nothing ends it early, but it shall not end for what fails there either.
  else Promise.resolve(work).catch((error) => console.error("Uncaught (in waitUntil)", error));
}
