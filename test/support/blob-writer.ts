/**
 * Stores value after value under one key until it is killed, and says on stdout which are stored.
 * Arguments: data folder, number of the first value.
 */

import { join } from "node:path";
import { createBlobs, createDiskObjects } from "../../src/services/blob.ts";
import { openStore } from "../../src/store/store.ts";
import { inPieces, makeBytes } from "./blobs.ts";

const [folder = "", first = ""] = process.argv.slice(2);
const store = await openStore({ folder });
const blobs = await createBlobs({
  rows: store.blobs,
  objects: createDiskObjects(join(folder, "blobs")),
  quota: 2 ** 40,
  ownerOf: async ({ id }) => id,
  onError: (error) => console.error(error),
});
const user = (await store.users.findByName("ann")) ?? (await store.users.create({ username: "ann" }));
for (let value = Number(first); ; value++) {
  await blobs.put({ kind: "user", id: user.id }, "a", inPieces(makeBytes(500_000 + value, value), 30_000));
  process.stdout.write(`${value}\n`);
}
