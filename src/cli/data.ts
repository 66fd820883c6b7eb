import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { HamletError } from "../errors.ts";
import { openStore, type Store, StoreError, type Val } from "../store/store.ts";

/**
 * Opens a data folder, also beside a running server, for as long as `use` takes. What the store refuses, and a folder
 * that cannot be used, becomes HamletError `config`.
 */
export async function withStore<T>(
  folder: string,
  { mustExist }: { mustExist: boolean },
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const path = resolve(folder);
  if (mustExist && !existsSync(join(path, "hamlet.db"))) {
    throw new HamletError("config", `There is no Hamlet in ${path}. Name its data folder with --data.`);
  }
  await using store = await open(path);
  try {
    return await use(store);
  } catch (cause) {
    if (cause instanceof StoreError) throw new HamletError("config", cause.message, { cause });
    throw cause;
  }
}

/** The one val that a command is about, named as USER/VAL. */
export async function findVal(store: Store, command: string, positionals: readonly string[]): Promise<Val> {
  const [, username, name] = /^@?([^/]+)\/([^/]+)$/.exec(positionals[0] ?? "") ?? [];
  if (!username || !name || positionals.length !== 1) {
    throw new HamletError("config", `hamlet ${command} takes one val, such as me/hello.`);
  }
  const val = await store.vals.findByName(username, name);
  if (!val) throw new HamletError("config", `There is no val ${username}/${name} in this data folder.`);
  return val;
}

async function open(folder: string): Promise<Store & AsyncDisposable> {
  // How much is kept is for the server to say: it has the operator's flags.
  const telemetry = {
    maxAgeMs: Number.MAX_SAFE_INTEGER,
    maxBytes: Number.MAX_SAFE_INTEGER,
    pruneMs: 2 ** 31 - 1,
  };
  try {
    const store = await openStore({ folder, telemetry });
    return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HamletError("config", `The data folder ${folder} cannot be used: ${why}.`, { cause });
  }
}
