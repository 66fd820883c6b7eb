import type { Context, MiddlewareHandler } from "hono";
import type { Auth, Viewer } from "../../auth/auth.ts";
import type { Scope as StoreScope } from "../../services/scope.ts";
import type { Store, User, Val } from "../../store/store.ts";
import { mayRead, mayWrite } from "../../val/visibility.ts";
import type { Access } from "../contract/access.ts";
import type { Env } from "./app.ts";
import { ApiError, INVALID, ORG_NOT_FOUND, PROJECT_NOT_FOUND, SCOPE_MISSING } from "./problem.ts";

const FOREIGN =
  "Refused: this request was sent with a sign-in cookie by a page that is not Hamlet's own. Send a token as Authorization: Bearer …";

/** Lets a request pass if its token has the scope that the route's row names; puts the viewer into the context. */
export function guard(auth: Auth, { scope, anyone }: Access): MiddlewareHandler<Env> {
  return async (c, next) => {
    const viewer = await identify(c, auth);
    if (viewer === undefined) {
      if (!anyone) throw new ApiError(401, "Unauthorized: send a token as Authorization: Bearer …");
    } else {
      if (scope !== undefined && !viewer.permits(scope)) throw new ApiError(403, SCOPE_MISSING);
      c.set("viewer", viewer);
    }
    await next();
  };
}

/** Who asks; undefined without a token and a session. What proves nothing is refused, where nobody need be known too. */
export async function identify(c: Context<Env>, auth: Auth): Promise<Viewer | undefined> {
  const viewer = await auth.identifyRequest(c.req.raw);
  if (viewer === "invalid") throw new ApiError(401, "Unauthorized: the token is unknown, expired or revoked");
  if (viewer === "foreign") throw new ApiError(403, FOREIGN);
  return viewer === "anonymous" ? undefined : viewer;
}

/** The viewer, on a route whose contract needs one. */
export function viewerOf(c: Context<Env>): Viewer {
  const viewer = c.get("viewer");
  if (viewer === undefined) throw new ApiError(401, "Unauthorized");
  return viewer;
}

/** The message to who is known by a token whose owner has just been removed. */
export const OWNER_GONE = "Unauthorized: the token's owner is gone";

/** The viewer's own account. It may have been removed since the token was checked: who asked is remembered for a moment. */
export async function userOf(c: Context<Env>, store: Store): Promise<User> {
  const user = await store.users.find(viewerOf(c).userId);
  if (user === undefined) throw new ApiError(401, OWNER_GONE);
  return user;
}

/** A val that the caller may read; else 404 with `message`. */
export async function readable(
  c: Context<Env>,
  find: Promise<Val | undefined>,
  message = PROJECT_NOT_FOUND,
): Promise<Val> {
  const val = await find;
  if (val === undefined || !mayRead(val, c.get("viewer"))) throw new ApiError(404, message);
  return val;
}

/** A val that the caller may change. One that he may not even see is answered like one that does not exist. */
export async function writable(c: Context<Env>, store: Store, valId: string): Promise<Val> {
  const viewer = viewerOf(c);
  const val = await store.vals.find(valId);
  if (val === undefined || !mayRead(val, viewer)) {
    throw new ApiError(404, "This val could not be found, or you are Not authorized to change it");
  }
  if (!mayWrite(val, viewer)) throw new ApiError(403, "Not authorized to change this val");
  return val;
}

/**
 * Whose blobs or database the path means, and whether the caller may use them: no one but a val's owner, a member of
 * the organization that owns it, or the val itself. Without a val in the path it is the account of the organization
 * that it names, else the caller's own.
 */
export async function scopeOf(c: Context<Env>, store: Store): Promise<StoreScope> {
  const { userId, accounts, valId: own } = viewerOf(c);
  const org = c.req.param("org_id")?.toLowerCase();
  if (org !== undefined && !accounts.has(org)) throw new ApiError(404, ORG_NOT_FOUND);
  const asked = c.req.param("val_id");
  if (asked === undefined) return { kind: "user", id: org ?? userId };
  const id = asked === "self" ? own : asked.toLowerCase();
  if (id === undefined)
    throw new ApiError(400, "params/val_id may be self with the token of a val only", INVALID);
  // Its token ends with the val, so that there is nothing to look up.
  if (own === id) return { kind: "val", id };
  // The token of a val opens no other val, though both have one owner.
  if (own !== undefined)
    throw new ApiError(403, "Not authorized: the token of a val opens no other val's blobs or database");
  return { kind: "val", id: (await writable(c, store, id)).id };
}
