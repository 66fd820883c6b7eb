/** What `std/blob` throws. `std/ValTownBlobError` */

/**
 * A blob could not be read or written, for another reason than that it does not exist.
 *
 * @example
 * ```ts
 * import { blob } from "https://esm.town/v/std/blob/main.ts";
 * import { ValTownBlobError } from "https://esm.town/v/std/ValTownBlobError";
 *
 * const tooLong = "k".repeat(513);
 * const error = await blob.set(tooLong, "value").catch((error) => error);
 * console.log(error instanceof ValTownBlobError); // → true
 * ```
 */
export class ValTownBlobError extends Error {
  override name = "ValTownBlobError";
}
