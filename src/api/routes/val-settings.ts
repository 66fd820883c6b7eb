import type { Auth, Viewer } from "../../auth/auth.ts";
import type { Store, Val } from "../../store/store.ts";
import { mayWrite } from "../../val/visibility.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  getValDetails,
  likeVal,
  listMyLikes,
  transferVal,
  unlikeVal,
  updateVal,
} from "../contract/val-settings.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { audit } from "./audit.ts";
import { presentPage, presentVal } from "./present.ts";
import { ApiError, VAL_NOT_FOUND } from "./problem.ts";
import { visibleOrigin } from "./remix.ts";

export function addValSettingsRoutes(app: App, auth: Auth, tools: Tools): void {
  const { store } = tools;

  app.openapi(getValDetails, async (c) => {
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id), VAL_NOT_FOUND);
    const [likes, branches, origin] = await Promise.all([
      store.likes.of(val.id, c.get("viewer")?.userId),
      store.vals.branchesOf(val.id),
      visibleOrigin(c, store, val.id),
    ]);
    const viewer = c.get("viewer");
    const details = {
      updatedAt: new Date(branches.updatedAt).toISOString(),
      branchCount: branches.count,
      origin,
      likeCount: likes.count,
      mayWrite: viewer !== undefined && mayWrite(val, viewer),
      liked: likes.liked,
    };
    return c.json({ ...presentVal(val, c.get("links")), ...details }, 200);
  });

  app.openapi(updateVal, async (c) => {
    const before = await writable(c, store, c.req.valid("param").val_id);
    const val = await store.vals.change(before.id, c.req.valid("json"));
    if (val.name !== before.name || val.privacy !== before.privacy) await serveAnew(tools, val.id);
    return c.json(presentVal(val, c.get("links")), 200);
  });

  app.openapi(transferVal, async (c) => {
    const before = await writable(c, store, c.req.valid("param").val_id);
    const { ownerId } = c.req.valid("json");
    await checkTransfer(store, viewerOf(c), before, ownerId);
    const val = await store.vals.transfer(before.id, ownerId);
    if (val.userId !== before.userId) {
      await handOver(auth, tools, val);
      const detail = { from: before.userId, to: ownerId };
      await audit(c, tools, { action: "val.transfer", subject: val.id, detail });
    }
    return c.json(presentVal(val, c.get("links")), 200);
  });

  app.openapi(likeVal, async (c) => {
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id), VAL_NOT_FOUND);
    await store.likes.add(val.id, viewerOf(c).userId);
    return c.body(null, 204);
  });

  app.openapi(unlikeVal, async (c) => {
    const val = await readable(c, store.vals.find(c.req.valid("param").val_id), VAL_NOT_FOUND);
    await store.likes.remove(val.id, viewerOf(c).userId);
    return c.body(null, 204);
  });

  app.openapi(listMyLikes, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { userId, accounts } = viewerOf(c);
    const { rows, more } = await store.likes.list(userId, accounts, { limit, offset });
    const links = c.get("links");
    const data = rows.map((val) => presentVal(val, links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });
}
/** The change is stored: what goes wrong from here on is reported, never thrown. */
async function serveAnew({ deploy, log }: Tools, valId: string): Promise<void> {
  await deploy
    .configured(valId)
    .catch((error: unknown) =>
      log?.error("A val may still be served as it was before.", { val: valId, error }),
    );
}

/** From an organization only its owners give vals away; whom the caller does not belong to gets none. */
async function checkTransfer(store: Store, { userId }: Viewer, val: Val, ownerId: string): Promise<void> {
  if (val.userId !== userId && (await store.orgs.member(val.userId, userId))?.role !== "owner")
    throw new ApiError(403, "Not authorized: only an owner of the organization may give its vals away");
  if (ownerId !== userId && (await store.orgs.member(ownerId, userId)) === undefined)
    throw new ApiError(403, "Not authorized to give vals to this account");
}

/** Workers that were started for the former owner speak for nobody any more. */
async function handOver(auth: Auth, tools: Tools, val: Val): Promise<void> {
  auth.disown(val.id, val.userId);
  await serveAnew(tools, val.id);
  // One may have been started for the former owner meanwhile.
  auth.disown(val.id, val.userId);
  await tools.store.telemetry
    .moved(val.id, val.username)
    .catch((error: unknown) =>
      tools.log?.error("Telemetry of a val stayed with its former owner.", { val: val.id, error }),
    );
}
