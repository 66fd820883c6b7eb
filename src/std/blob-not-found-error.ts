/** What `std/blob` throws when there is nothing under a key. `std/ValTownBlobNotFoundError` */

import { ValTownBlobError } from "./blob-error.ts";

/**
 * There is no blob under this key.
 *
 * @example
 * ```ts
 * import { blob } from "https://esm.town/v/std/blob/main.ts";
 * import { ValTownBlobNotFoundError } from "https://esm.town/v/std/ValTownBlobNotFoundError";
 *
 * const error = await blob.get("nothing here").catch((error) => error);
 * console.log(error instanceof ValTownBlobNotFoundError); // → true
 * console.log(error.name); // → "ValTownBlobNotFoundError"
 * ```
 */
export class ValTownBlobNotFoundError extends ValTownBlobError {
  override name = "ValTownBlobNotFoundError";

  constructor(message = "Blob not found") {
    super(message);
  }
}
