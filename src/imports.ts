/** Which val does a build import, and may its importer read it? The store's answer to the builder's question. */

import type { FindVal } from "./build/build.ts";
import type { Store } from "./store/store.ts";
import { pickMain } from "./val/module-path.ts";
import { mayRead } from "./val/visibility.ts";

/**
 * What an importer may not read is not there for him. That is up to the account that owns the importing val, whoever
 * saves it: what one member of an organization may read elsewhere is not for the others to see.
 */
export function createFindVal(store: Store): FindVal {
  return async ({ username, valName, branch: name = "main", version }, { userId }) => {
    if ((await store.users.findByName(username)) === undefined) return "unknown_user";
    const val = await store.vals.findByAnyName(username, valName);
    if (val === undefined || !mayRead(val, { accounts: new Set([userId]) })) return undefined;
    const branch = await store.vals.branchByName(val.id, name);
    if (branch === undefined || (version ?? 0) > branch.version) return undefined;
    const at = { valId: val.id, branchId: branch.id, version };
    const sources = await store.files.sources(at);
    // The same file as on the module host.
    const entry = pickMain(sources.files);
    return {
      valId: val.id,
      username: val.username,
      valName: val.name,
      version: sources.version,
      branch: branch.name,
      files: sources.files,
      ...(entry === undefined ? {} : { entry }),
    };
  };
}
