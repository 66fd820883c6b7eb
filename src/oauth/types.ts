import type { Viewer } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { TownAddress } from "../val/address.ts";

export interface OAuthOptions {
  readonly store: Pick<Store, "oauth" | "users" | "audit">;
  readonly town: TownAddress;
  /** Origins at which the API answers too. */
  readonly origins?: readonly string[];
  /** Where the keys are kept. */
  readonly folder: string;
  /** A unix socket for what is between the parts of it. */
  readonly socketPath: string;
  /** Who is signed in on the browser that sent these cookies. */
  identify(cookie: string): Promise<Viewer | undefined>;
  /** Told of a grant that was taken back, or of which something was. */
  forget(grantId: string): void;
  readonly log?: Log;
  /** How long a device waits between its questions. */
  readonly pollSeconds?: number;
  readonly now?: () => number;
}
