/** What a new town begins with: the user `me`, who runs it, and the examples. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadExamples, readExamples } from "./examples.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store/store.ts";
import { appUrl, type TownAddress } from "./val/address.ts";

const EXAMPLES = join(import.meta.dir, "../examples");
/** In the data folder, so that who deletes `me` is not given it again. */
const MARK = "welcomed";
const HOUR_MS = 60 * 60_000;

/** What is shown once. */
export interface FirstStart {
  /** Of the user `me`. */
  readonly token: string;
  /** With which `me` sets a password. */
  readonly passwordLink: string;
}

export interface FirstStartOptions {
  readonly data: string;
  readonly store: Store;
  readonly town: TownAddress;
  readonly deployer: { saved(valId: string, branchId: string): Promise<unknown> };
  readonly log: Log;
}

/** Make all that; undefined when this is not the first start of the data folder. */
export async function firstStart(options: FirstStartOptions): Promise<FirstStart | undefined> {
  const { data, store, town, deployer, log } = options;
  const mark = join(data, MARK);
  const isFirst = !existsSync(mark) && (await store.users.findByName("me")) === undefined;
  writeFileSync(mark, "");
  if (!isFirst) return undefined;
  const user = await store.users.create({ username: "me" });
  const { token } = await store.tokens.create({ userId: user.id, label: "first start" });
  const secret = await store.accounts.makeLink({ kind: "password", userId: user.id, lastsMs: HOUR_MS });
  const branches = await loadExamples(store, user.id, await readExamples(EXAMPLES));
  // Nobody waits for them: one needs a package, and there may be no network. A request for one waits for its build.
  for (const { valId, branchId } of branches) {
    deployer.saved(valId, branchId).catch((error) => log.error("An example could not be built.", { error }));
  }
  return { token, passwordLink: `${appUrl(town)}/auth/welcome?token=${secret}` };
}
