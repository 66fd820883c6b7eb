/** Which Deno runs the vals of this town. `std/deno_version` */

/**
 * Answers a request with the versions of Deno, V8 and TypeScript.
 *
 * @example
 * ```ts
 * import versions from "https://esm.town/v/std/deno_version";
 *
 * const { deno } = await versions().json();
 * console.log(deno === Deno.version.deno); // → true
 * ```
 */
export default function denoVersion(): Response {
  return Response.json(Deno.version);
}
