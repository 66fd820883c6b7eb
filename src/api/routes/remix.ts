import type { Context } from "hono";
import type { Branch, Origin, Store } from "../../store/store.ts";
import { mayRead, mayWrite } from "../../val/visibility.ts";
import { remixVal } from "../contract/remix.ts";
import { readable, viewerOf } from "./access.ts";
import { announceIn } from "./announce.ts";
import type { App, Env, Tools } from "./app.ts";
import { presentVal } from "./present.ts";
import { ApiError, VAL_NOT_FOUND } from "./problem.ts";

export function addRemixRoutes(app: App, tools: Tools): void {
  const { store } = tools;
  app.openapi(remixVal, async (c) => {
    const { userId: authorId, accounts } = viewerOf(c);
    const { name, privacy, orgId } = c.req.valid("json");
    const source = await readable(c, store.vals.find(c.req.valid("param").val_id), VAL_NOT_FOUND);
    const userId = orgId ?? authorId;
    if (!accounts.has(userId)) throw new ApiError(403, "Not authorized to make vals for this organization");
    const choices = { name: name ?? undefined, privacy: privacy ?? undefined };
    const val = await store.remixes.create({ sourceValId: source.id, userId, authorId, ...choices });
    const branch = await store.vals.branch(val.id);
    const notes = branch === undefined ? {} : await announceIn(c, tools, val.id, branch.id);
    const origin = await store.remixes.originOf(val.id);
    if (origin === undefined) throw new ApiError(404, VAL_NOT_FOUND);
    const keys = await variablesOf(store, source.id);
    // Even the names of variables are for who may change the val; but the code that they stand in is read by others too.
    const requiredVariables = mayWrite(source, c.get("viewer")) ? keys : await namedIn(store, branch, keys);
    return c.json(
      { ...presentVal(val, c.get("links")), origin: { ...origin }, requiredVariables, ...notes },
      201,
    );
  });
}

/** What a val is a remix of, if it still is there and the caller may read it. */
export async function visibleOrigin(c: Context<Env>, store: Store, valId: string): Promise<Origin | null> {
  const origin = await store.remixes.originOf(valId);
  const val = origin && (await store.vals.find(origin.valId));
  return val !== undefined && mayRead(val, c.get("viewer")) ? origin! : null;
}

async function variablesOf(store: Store, valId: string): Promise<string[]> {
  const keys: string[] = [];
  for (let offset = 0; ; offset += 100) {
    const { rows, more } = await store.environment.list(valId, { limit: 100, offset });
    keys.push(...rows.map(({ key }) => key));
    if (!more) return keys;
  }
}

/** Those that stand in the texts of a branch. */
async function namedIn(store: Store, branch: Branch | undefined, keys: readonly string[]): Promise<string[]> {
  const named = new Set<string>();
  for (let offset = 0; branch !== undefined && named.size < keys.length; offset += 100) {
    const at = { valId: branch.valId, branchId: branch.id };
    const { rows, more } = await store.files.list(at, { path: "", recursive: true, limit: 100, offset });
    const texts = await store.portable.texts(rows.flatMap(({ hash }) => hash ?? []));
    for (const text of texts.values())
      for (const [word] of text.matchAll(/\w+/g)) if (keys.includes(word)) named.add(word);
    if (!more) break;
  }
  return keys.filter((key) => named.has(key));
}
