import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Handler } from "hono";
import type { Viewer } from "../../auth/auth.ts";
import type { Log } from "../../log.ts";
import type { Removal } from "../../remove.ts";
import type { Jobs, Store, User } from "../../store/store.ts";
import type { Links } from "./links.ts";
import type { ApiError } from "./problem.ts";
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

/** A route that the paths of a contract have no word for, or that is not in the document. */
export interface ByHand {
  /** Its row in the table of access. */
  readonly row: { readonly method: string; readonly path: string };
  /** `ALL` for all of them. */
  readonly method: "GET" | "POST" | "DELETE" | "ALL";
  /** As the router has it. */
  readonly path: string;
  /** The answer to who may not call it, when it has another form than the API's. */
  readonly refuse?: (error: ApiError) => Response;
}

/** The application that routes are added to: by these ways alone, so that none is without its row. */
export interface App {
  readonly openapi: OpenAPIHono<Env>["openapi"];
  byHand(route: ByHand, handler: Handler<Env>): void;
  /** Puts a route that is served by hand into the document. */
  describe(route: Parameters<OpenAPIHono["openAPIRegistry"]["registerPath"]>[0]): void;
  readonly document: (
    about: Parameters<OpenAPIHono["getOpenAPI31Document"]>[0],
  ) => ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
  readonly component: OpenAPIHono["openAPIRegistry"]["registerComponent"];
}

/** What handlers work with. */
export interface Tools {
  readonly store: Store;
  readonly deploy: Deploy;
  readonly log?: Log;
  readonly services: Services;
  /** Between two looks whether the token of who follows something is still good, ms. */
  readonly recheckMs?: number;
  readonly removal: Removal;
  /** The town ends: streams that would go on for ever end, so that nobody waits for them. */
  readonly leaving?: AbortSignal;
  /** Sends a letter that confirms an address; false when there were too many. */
  readonly confirmEmail?: (user: User, email: string) => Promise<boolean>;
  readonly runs?: Runs;
  readonly limits: Limits;
  readonly machine?: Machine;
  /** Who runs the queue, and tidies up behind what is removed from it; without, nobody runs it. */
  readonly queue?: Pick<Jobs, "remove">;
}
