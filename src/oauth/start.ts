/** All that is large of the server, and is needed by nobody who allows no app anything. */

import type { EventEmitter } from "node:events";
import { appUrl } from "../val/address.ts";
import { type Bridge, openBridge } from "./bridge.ts";
import { createInteraction } from "./interaction.ts";
import { openKeys } from "./keys.ts";
import { addSteps } from "./middleware.ts";
import { createProvider } from "./provider.ts";
import type { OAuthOptions } from "./types.ts";

/** @param resource name of the API as a resource */
export async function start(
  options: OAuthOptions & { readonly pollSeconds: number },
  mount: string,
  resource: string,
): Promise<Bridge> {
  const { store, town, folder, socketPath, log, forget, identify, pollSeconds } = options;
  const keys = await openKeys(folder);
  const { oauth: records, users } = store;
  const provider = createProvider({ town, records, users, keys, resource, forget });
  const origin = appUrl(town);
  addSteps(
    provider,
    createInteraction({ provider, origin, resource, key: keys.cookie, identify, audit: store.audit }),
    pollSeconds,
  );
  const failed = (error: unknown) => log?.error("The OAuth server failed.", { error });
  provider.on("server_error", (_, error) => failed(error));
  // Koa would write it to stderr.
  (provider as EventEmitter).on("error", failed);
  return openBridge(socketPath, mount, provider.callback());
}
