import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Viewer } from "../../auth/auth.ts";
import type { Log } from "../../log.ts";
import type { Removal } from "../../remove.ts";
import type { Store, User } from "../../store/store.ts";
import type { Links } from "./links.ts";
import type { Deploy, Limits, Machine, Runs, Services } from "./types.ts";

/** What every handler finds in its context. */
export interface Env {
  Variables: {
    /** Undefined without a token. */
    viewer: Viewer | undefined;
    links: Links;
    /** Settles when a body that flows has ended; undefined for all others. */
    answered: Promise<void> | undefined;
  };
}

/** The application that routes are added to. */
export type App = OpenAPIHono<Env>;

/** What handlers work with. */
export interface Tools {
  readonly store: Store;
  readonly deploy: Deploy;
  readonly log?: Log;
  readonly services: Services;
  /** Between two looks whether the token of who follows something is still good, ms. */
  readonly recheckMs?: number;
  readonly removal: Removal;
  /** Sends a letter that confirms an address; false when there were too many. */
  readonly confirmEmail?: (user: User, email: string) => Promise<boolean>;
  readonly runs?: Runs;
  readonly limits: Limits;
  readonly machine?: Machine;
}
