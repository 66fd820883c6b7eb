/** What the parts of accounts share. */

import type { Auth } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import type { Email } from "../services/email.ts";
import type { Store, User } from "../store/store.ts";
import type { TownAddress } from "../val/address.ts";
import type { createEngine } from "./engine.ts";
import type { Windows } from "./limits.ts";

/** Who may make an account. */
export type SignUp = "open" | "invite" | "closed";

export interface AccountsOptions {
  readonly store: Store;
  readonly auth: Auth;
  readonly town: TownAddress;
  /** Signs cookies. */
  readonly secret: string;
  readonly signUp: SignUp;
  /** Letters to people; without a relay, what they would say is told to the operator. */
  readonly email?: Pick<Email, "notify" | "hasRelay">;
  readonly log?: Log;
}

/** better-auth, as it is set up here. */
export type Engine = ReturnType<typeof createEngine>;

/** What every handler works with. */
export interface Context extends AccountsOptions {
  readonly engine: () => Promise<Engine>;
  readonly limits: Windows;
  /** Work that nobody waits for but whoever closes. */
  background(work: Promise<unknown>): void;
}

/** Someone who is signed in. */
export interface SignedIn {
  readonly user: User;
  /** Cookies that the session's renewal brought. */
  readonly cookies: readonly string[];
}

/** One request for a page. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** The visitor's own, as the gateway knows it; empty for a val. */
  readonly address: string;
  /** Of a form that was sent; empty for others. */
  readonly form: URLSearchParams;
}

export type Handler = (visit: Visit, context: Context) => Promise<Response>;
