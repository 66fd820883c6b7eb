/** The blobs of this val alone. `std/blob/main.ts` */

import { type BlobItem, type BlobStore, createBlobStore } from "./blob-client.ts";

export type { BlobItem, BlobStore };

/**
 * Keeps values of any size under keys, for this val alone.
 *
 * @example
 * ```ts
 * import { blob } from "https://esm.town/v/std/blob/main.ts";
 *
 * await blob.setJSON("user:1", { name: "Ann" });
 * console.log(await blob.getJSON("user:1")); // → { "name": "Ann" }
 * console.log(await blob.getJSON("user:2")); // → undefined
 *
 * await blob.set("notes.txt", "any text, bytes or stream");
 * const notes = await blob.get("notes.txt");
 * console.log(await notes.text()); // → "any text, bytes or stream"
 *
 * await blob.copy("notes.txt", "notes.bak");
 * await blob.move("notes.bak", "old/notes.txt");
 * console.log((await blob.list("old/")).map((item) => item.key)); // → ["old/notes.txt"]
 * await blob.delete("old/notes.txt");
 * ```
 */
export const blob: BlobStore = createBlobStore("/v3/vals/self/blob");
