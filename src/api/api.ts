/** What may a client ask of the town? The REST interface as one web-standard function. */
import { type Auth, createAuth } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import { createRemoval } from "../remove.ts";
import type { Jobs, Store, User } from "../store/store.ts";
import type { TownAddress } from "../val/address.ts";
import type { Deploy } from "./deploy.ts";
import { createRoutes } from "./routes/routes.ts";
import {
  type Limits,
  type Machine,
  NO_LIMITS,
  type RateLimit,
  type Runs,
  type Services,
} from "./routes/types.ts";

export {
  createModuleHost,
  type ModuleHost,
  type ModuleHostOptions,
  type StdLibrary,
} from "./routes/routes.ts";

export interface ApiOptions {
  readonly store: Store;
  readonly deploy: Deploy;
  readonly services?: Services;
  /** Who starts vals by hand; without, nobody does. */
  readonly runs?: Runs;
  /** Told to users beside what they have; enforced elsewhere. */
  readonly limits?: Limits;
  /** Shown to the operator. */
  readonly machine?: Machine;
  /** Who runs the queue, and tidies up behind what is removed from it; without, nobody runs it. */
  readonly queue?: Pick<Jobs, "remove">;
  /** As seen from outside; scheme and port give way to the request's own unless the scheme is https. */
  readonly town: TownAddress;
  /** Made from the store when missing. */
  readonly auth?: Auth;
  /** Hears of failures that are not the caller's. */
  readonly log?: Log;
  /** Longest request body that is collected, bytes; 1 MB holds the longest file however it is escaped. */
  readonly maxBodyBytes?: number;
  /** Calls of one user that may be under way at once. */
  readonly maxCalls?: number;
  /** Between two looks whether the token of who follows logs or traces is still good, ms. */
  readonly recheckMs?: number;
  /** The town ends: streams that would go on for ever end, so that nobody waits for them. */
  readonly leaving?: AbortSignal;
  /** Sends a letter that confirms an address; false when there were too many. */
  readonly confirmEmail?: (user: User, email: string) => Promise<boolean>;
  /** How often one token or address may call; without it, as often as it likes. */
  readonly rate?: RateLimit;
}

export interface Api {
  /** Never rejects. Serves `/v1/…` as well as `/api/v1/…`. */
  fetch(request: Request): Response | Promise<Response>;
}

/** Make the API. It keeps no state but what `auth` remembers. */
export function createApi(options: ApiOptions): Api {
  const auth = options.auth ?? createAuth(options.store);
  const { services = {}, ...rest } = options;
  const removal = createRemoval({ ...rest, ...services, auth });
  const defaults = { limits: NO_LIMITS, maxBodyBytes: 1024 * 1024, maxCalls: 1000 };
  const routes = createRoutes({ ...defaults, ...rest, services, auth, removal });
  return { fetch: (request) => routes.fetch(request) };
}
