import type { z } from "@hono/zod-openapi";
import type { FoundFile, FoundUser, FoundVal, MainFile, Page, Store, Val } from "../../store/store.ts";
import { endpointUrl, fileUrl, moduleUrl, valUrl } from "../../val/address.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import { type basicValSchema, type foundSchema, search, searchVals } from "../contract/search.ts";
import type { App, Tools } from "./app.ts";
import type { Links } from "./links.ts";
import { presentPage, presentUser, presentVal } from "./present.ts";

type Found = z.infer<typeof foundSchema>;
type BasicVal = z.infer<typeof basicValSchema>;

const NOBODY: ReadonlySet<string> = new Set();

export function addSearchRoutes(app: App, { store }: Tools): void {
  app.openapi(search, async (c) => {
    const { query: text, kind = "vals", limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const query = { text, accounts: c.get("viewer")?.accounts ?? NOBODY, limit, offset };
    const links = c.get("links");
    const { rows, more } = await find[kind](store, query, links);
    return c.json(presentPage(rows, links, more, { limit, offset }), 200);
  });

  app.openapi(searchVals, async (c) => {
    const { query: text, searchType, limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const query = {
      text,
      exact: searchType === "exact",
      accounts: c.get("viewer")?.accounts ?? NOBODY,
      limit,
      offset,
    };
    const { rows, more } = await findBasic(store, query);
    const links = c.get("links");
    const mains = await store.search.mainFiles(
      rows.map(({ val, file }) => ({ valId: val.id, file: file && { ...file, id: file.fileId } })),
    );
    const data = rows.map((one) => presentBasic(one, mains.get(one.val.id), links));
    return c.json(presentPage(data, links, more, { limit, offset }), 200);
  });
}

type Query = Parameters<Store["search"]["vals"]>[0];

const find = {
  vals: async (store: Store, query: Query, links: Links) =>
    present(await store.search.vals(query), (found) => presentFoundVal(found, links)),
  code: async (store: Store, query: Query, links: Links) =>
    present(await store.search.code(query), (found) => presentFoundFile(found, links)),
  users: async (store: Store, query: Query, links: Links) =>
    present(await store.search.users(query), (found) => presentFoundUser(found, links)),
};

function present<T>({ rows, more }: Page<T>, one: (found: T) => Found): Page<Found> {
  return { rows: rows.map(one), more };
}

const copy = (ranges: readonly (readonly [number, number])[]) =>
  ranges.map(([start, end]): [number, number] => [start, end]);

function presentFoundVal(found: FoundVal, links: Links): Found {
  const { name, description, username } = found;
  const highlights = { name: copy(name), description: copy(description), username: copy(username) };
  return { kind: "val", val: presentVal(found.val, links), likeCount: found.likes, highlights };
}

function presentFoundFile({ val, fileId, path, type, version, lines }: FoundFile, links: Links): Found {
  const { town, api } = links;
  const place = { username: val.username, valName: val.name, path };
  const where = {
    self: `${api}/v2/files/${fileId}`,
    html: fileUrl(town, place),
    module: moduleUrl(town, place),
  };
  return {
    kind: "code",
    val: presentVal(val, links),
    file: { id: fileId, path, type, version, links: where },
    lines: lines.map(({ ranges, ...line }) => ({ ...line, ranges: copy(ranges) })),
  };
}

function presentFoundUser({ user, username }: FoundUser, links: Links): Found {
  return { kind: "user", user: presentUser(user, links), highlights: { username: copy(username) } };
}

/** A val, with the file in which it was found if it was found by its code. */
interface Basic {
  readonly val: Val;
  readonly file: FoundFile | undefined;
}

/** Found by name first, then by code; each val once. */
async function findBasic(store: Store, query: Query): Promise<Page<Basic>> {
  const { limit, offset } = query;
  const all = { ...query, limit: offset + limit, offset: 0 };
  const byName = await store.search.vals(all);
  const basics: Basic[] = byName.rows.map(({ val }) => ({ val, file: undefined }));
  let more = byName.more;
  if (!more) {
    // Several files of one val may have it.
    const byCode = await store.search.code({ ...all, limit: 2 * all.limit });
    const known = new Set(basics.map(({ val }) => val.id));
    for (const file of byCode.rows) {
      if (!known.has(file.val.id)) basics.push({ val: file.val, file });
      known.add(file.val.id);
    }
    more = byCode.more;
  }
  const rows = basics.slice(offset, offset + limit);
  return { rows, more: rows.length > 0 && (more || basics.length > offset + limit) };
}

function presentBasic({ val }: Basic, main: MainFile | undefined, links: Links): BasicVal {
  const file = main?.file;
  const self = `${links.api}/v2/vals/${val.id}`;
  return {
    id: val.id,
    name: val.name,
    version: main?.version ?? 0,
    code: file?.content ?? null,
    public: val.privacy === "public",
    createdAt: new Date(val.createdAt).toISOString(),
    updatedAt: new Date(main?.updatedAt ?? val.createdAt).toISOString(),
    privacy: val.privacy,
    type: file === undefined || file.type === "file" || file.type === "directory" ? "script" : file.type,
    url: valUrl(links.town, val.username, val.name),
    links: {
      self,
      versions: `${links.api}/v3/vals/${val.id}/versions`,
      module: moduleUrl(links.town, { username: val.username, valName: val.name, path: file?.path ?? "" }),
      ...(file?.label === undefined ? {} : { endpoint: endpointUrl(links.town, file.label) }),
    },
    author: { id: val.userId, username: val.username },
  };
}
