/** The blobs of the val's owner. `std/blob`, `std/blob/global.ts` */

import { type BlobItem, type BlobStore, createBlobStore } from "./blob-client.ts";

export type { BlobItem, BlobStore };

/**
 * Keeps values of any size under keys, one store for all vals of the same owner.
 *
 * @example
 * ```ts
 * import { blob } from "https://esm.town/v/std/blob";
 *
 * await blob.setJSON("visits", 1 + ((await blob.getJSON("visits")) ?? 0));
 * console.log(await blob.getJSON("visits")); // → 1
 * ```
 */
export const blob: BlobStore = createBlobStore("/v1/blob");
