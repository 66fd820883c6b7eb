/** A real store in a folder of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store, type StoreOptions } from "../../src/store/store.ts";
import { fillFolder } from "./fresh.ts";

export interface TestStore extends AsyncDisposable {
  readonly folder: string;
  readonly store: Store;
  /** A user with a val and its branch `main`. */
  readonly userId: string;
  readonly valId: string;
  readonly branchId: string;
}

/** Makes a store with the user `ann`, whose val is `hello`; goes with the scope. */
export async function makeStore(options: Omit<StoreOptions, "folder"> = {}): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  await fillFolder(folder);
  const store = await openStore({ ...options, folder });
  const { id: userId } = await store.users.create({ username: "ann" });
  const { id: valId } = await store.vals.create({ userId, name: "hello", privacy: "public" });
  const branch = await store.vals.branch(valId);
  return {
    folder,
    store,
    userId,
    valId,
    branchId: branch!.id,
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a promise was rejected with: the failure of a StoreError, else the error's message; "none" if it was not. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    const { failure, message } = error as { failure?: string; message?: string };
    return failure ?? message ?? String(error);
  }
}

/** Numbers that look random and are the same in every run (mulberry32); each call gives one of 0 to `below` - 1. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
