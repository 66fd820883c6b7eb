/** What is told when the S3 server does not do its part. */

import { describe, expect, test } from "bun:test";
import { type BlobError, createS3Objects } from "../src/services/blob.ts";
import { inPieces, makeBytes, makeStand } from "./support/blobs.ts";
import { hasS3, startS3 } from "./support/s3.ts";
import { makeTempFolder, runHamlet } from "./support/server.ts";

const MB = 1024 * 1024;
const NOBODY = "http://127.0.0.1:9";

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: BlobError) => error.failure,
  );

describe("what was configured is tried at the start:", () => {
  test("a server that nobody has started", async () => {
    using folder = makeTempFolder();
    const args = [
      "serve",
      "--port",
      "0",
      "--data",
      folder.path,
      "--blob-s3-endpoint",
      NOBODY,
      "--blob-s3-bucket",
      "hamlet",
    ];
    const { code, err } = await runHamlet([...args, "--blob-s3-access-key-id", "id"], {
      HAMLET_BLOB_S3_SECRET_ACCESS_KEY: "secret",
    });
    expect(code).not.toBe(0);
    expect(err).toContain(`Nothing can be stored in the S3 bucket hamlet at ${NOBODY} (ConnectionRefused: `);
    expect(err).not.toContain("secret");
  });

  test.skipIf(!hasS3)(
    "a wrong secret, and a bucket that is not there",
    async () => {
      await using server = await startS3();
      const messageOf = (changes: object) =>
        createS3Objects({ ...server.options, ...changes }).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await messageOf({})).toBe("");
      expect(await messageOf({ secretAccessKey: "wrong" })).toContain("(SignatureDoesNotMatch: ");
      expect(await messageOf({ bucket: "nothing" })).toContain("(NoSuchBucket: ");
    },
    60_000,
  );
});

test.skipIf(!hasS3)(
  "a server that dies fails what it was asked for, and nothing waits for it",
  async () => {
    await using server = await startS3();
    const shelf = {
      objects: await createS3Objects(server.options),
      names: async () => [],
      damage: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    await using stand = await makeStand(shelf);
    await stand.blobs.put(stand.scope, "a", makeBytes(16 * MB));
    const reader = (await stand.blobs.get(stand.scope, "a"))!.stream().getReader();
    await reader.read();
    let sent = 0;
    const body = inPieces(makeBytes(20 * MB), 64 * 1024).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, controller) {
          sent += chunk.length;
          if (sent === 8 * MB) await server.kill();
          controller.enqueue(chunk);
        },
      }),
    );
    expect(await failureOf(stand.blobs.put(stand.scope, "a", body))).toBe("storage");
    const readOn = async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read());
    };
    expect(await failureOf(readOn())).toBe("storage");
    expect(await failureOf(stand.read("a"))).toBe("storage");
    expect((await stand.blobs.get(stand.scope, "a"))!.size).toBe(16 * MB);
    await stand.blobs.close();
    // The half object could not be removed; it is on record for the next start.
    expect(stand.errors.splice(0)).toHaveLength(1);
    expect(await stand.store.blobs.leftovers()).toHaveLength(1);
    await stand.blobs.delete(stand.scope, "a");
    await stand.blobs.close();
    expect(stand.errors.splice(0)).toHaveLength(1);
  },
  60_000,
);
