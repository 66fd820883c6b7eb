/** Vals of another server that speaks Val Town's API, by its documented calls alone. */

import { z } from "zod";
import { FILE_TYPES } from "../val/file.ts";
import { MAX_CONTENT } from "../val/name.ts";
import { MAX_FILES } from "../val/version.ts";
import { PRIVACIES } from "../val/visibility.ts";
import { ArchiveError } from "./archive-error.ts";
import type { Archive } from "./archive-read.ts";
import { type Allows, guardedFetch } from "./guarded-fetch.ts";
import { entriesOf, sortBranches, type ValDocument } from "./layout.ts";

export interface RemoteOptions {
  /** Of the API: what stands before `/v1`. */
  readonly url: string;
  /** Sent to that server alone, and never kept. */
  readonly token: string;
  readonly allows: Allows;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const userSchema = z.object({ id: z.string(), username: z.string().nullable() });
const valSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullish(),
  privacy: z.enum(PRIVACIES),
  imageUrl: z.string().nullish(),
  author: z.object({ id: z.string(), username: z.string().nullish() }),
});
const branchSchema = z.object({ id: z.uuid(), name: z.string(), forkedBranchId: z.string().nullish() });
const fileSchema = z.object({ path: z.string(), type: z.enum(FILE_TYPES) });
const keySchema = z.object({ key: z.string(), description: z.string().nullish() });
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), links: z.object({ next: z.string().optional() }).optional() });

/** A val there. */
export type RemoteVal = z.infer<typeof valSchema>;

const PAGE = 100;
const MAX_JSON = 4 * 1024 * 1024;
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_VALS = 1000;
const MAX_TRIES = 5;
const MAX_WAIT_MS = 60_000;
const REQUEST_MS = 30_000;
const ALL_MS = 15 * 60_000;

export class Remote {
  readonly #base: URL;
  readonly #options: RemoteOptions;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #deadline: number;
  #bytes = 0;

  constructor(options: RemoteOptions) {
    this.#base = toBase(options.url);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#sleep = options.sleep ?? ((ms) => Bun.sleep(ms));
    this.#deadline = this.#now() + ALL_MS;
  }

  /** Those of the token's owner, or of another user those that can be seen; with names only these. */
  async vals(username: string | undefined, names: readonly string[] | undefined): Promise<RemoteVal[]> {
    const me = await this.#json("/v1/me", {}, userSchema);
    const owner = username ?? me.username;
    if (names !== undefined) {
      const found: RemoteVal[] = [];
      for (const name of names) found.push(await this.#val(owner ?? "", name));
      return found;
    }
    if (username === undefined || username === me.username) {
      const all = await this.#list("/v2/me/vals", {}, valSchema, MAX_VALS);
      // Those of organizations are listed too.
      return all.filter(({ author }) => author.id === me.id).reverse();
    }
    const user = await this.#json(`/v1/alias/${encodeURIComponent(username)}`, {}, userSchema);
    return (await this.#cursored("/v2/vals", { user_id: user.id })).reverse();
  }

  /** Put a val into an archive, under its name. */
  async fetch(val: RemoteVal, archive: Archive): Promise<void> {
    const { id, name, description = null, privacy, imageUrl = null } = val;
    const names = entriesOf(name);
    const base = `/v2/vals/${id}`;
    const branches = sortBranches(await this.#list(`${base}/branches`, {}, branchSchema, PAGE));
    const byId = new Map(branches.map((branch) => [branch.id, branch.name]));
    const told: ValDocument["branches"] = [];
    for (const branch of branches) {
      const where = { path: "", recursive: "true", branch_id: branch.id };
      const files = await this.#list(`${base}/files`, where, fileSchema, MAX_FILES);
      for (const { path, type } of files) {
        if (type === "directory") continue;
        const query = { path, branch_id: branch.id };
        const bytes = await this.#get(`${base}/files/content`, query, 3 * MAX_CONTENT);
        await archive.add(names.file(branch.name, path), bytes.toString());
      }
      const parent = byId.get(branch.forkedBranchId ?? "");
      told.push({ name: branch.name, parent: branch.name === "main" ? null : (parent ?? "main"), files });
    }
    const variables = (await this.#keys(base)).map(({ key, description = null }) => ({ key, description }));
    const document: ValDocument = { name, description, privacy, imageUrl, branches: told, variables };
    await archive.add(names.val, JSON.stringify(document));
  }

  async #val(owner: string, name: string): Promise<RemoteVal> {
    return this.#json(
      `/v2/alias/vals/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`,
      {},
      valSchema,
    );
  }

  /** Names only: values are never told. Another user's are not told at all. */
  async #keys(base: string) {
    try {
      return await this.#list(`${base}/environment_variables`, {}, keySchema, 1000);
    } catch (error) {
      if (error instanceof ArchiveError && /answered (401|403|404)/.test(error.message)) return [];
      throw error;
    }
  }

  /** By position: a `next` of theirs could lead anywhere. */
  async #list<T extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    item: T,
    most: number,
  ): Promise<z.infer<T>[]> {
    const all: z.infer<T>[] = [];
    for (;;) {
      const page = { ...query, limit: String(PAGE), offset: String(all.length) };
      const { data, links } = await this.#json(path, page, pageOf(item));
      all.push(...data);
      if (all.length > most)
        throw new ArchiveError(`${path} of ${this.#base.host} has more than ${most} entries.`);
      if (data.length === 0 || links?.next === undefined) return all;
    }
  }

  async #cursored(path: string, query: Readonly<Record<string, string>>): Promise<RemoteVal[]> {
    const all: RemoteVal[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = { ...query, limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
      const { data, links } = await this.#json(path, page, pageOf(valSchema));
      all.push(...data);
      if (all.length > MAX_VALS)
        throw new ArchiveError(`There are more than ${MAX_VALS} vals. Name those that are wanted.`);
      const next = links?.next;
      if (data.length === 0 || next === undefined) return all;
      cursor = URL.canParse(next) ? (new URL(next).searchParams.get("cursor") ?? "") : next;
    }
  }

  async #json<T extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    schema: T,
  ): Promise<z.infer<T>> {
    const text = (await this.#get(path, query, MAX_JSON)).toString();
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      const message = `${this.#base.host} answered ${path} with something that is not Val Town's API.`;
      throw Object.assign(new ArchiveError(message, 502), { cause });
    }
  }

  async #get(path: string, query: Readonly<Record<string, string>>, most: number): Promise<Buffer> {
    const url = new URL(this.#base.href.replace(/\/+$/, "") + path);
    url.search = new URLSearchParams(query).toString();
    for (let tries = 1; ; tries++) {
      const response = await this.#ask(url);
      if (response.ok) return await this.#read(response, most);
      await response.body?.cancel();
      const again = response.status === 429 || response.status === 503;
      const wait = waitOf(response, tries, this.#now());
      if (!again || tries === MAX_TRIES || wait > MAX_WAIT_MS) {
        throw new ArchiveError(`${this.#base.host} answered ${response.status} to ${path}.`, 502);
      }
      await this.#sleep(wait);
    }
  }

  #ask(url: URL): Promise<Response> {
    const left = Math.min(REQUEST_MS, this.#deadline - this.#now());
    if (left <= 0) throw new ArchiveError("This takes too long. Name fewer vals at once.", 502);
    const headers = {
      authorization: `Bearer ${this.#options.token}`,
      accept: "*/*",
      "accept-encoding": "identity",
      "user-agent": "Hamlet",
    };
    return guardedFetch(url, this.#options.allows, { headers, signal: AbortSignal.timeout(left) });
  }

  async #read(response: Response, most: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const piece of response.body ?? []) {
        size += piece.length;
        this.#bytes += piece.length;
        if (size > most) throw new ArchiveError(`An answer of ${this.#base.host} is too long.`, 502);
        if (this.#bytes > MAX_BYTES)
          throw new ArchiveError("This is too much at once. Name fewer vals.", 413);
        pieces.push(piece);
      }
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      throw Object.assign(new ArchiveError(`An answer of ${this.#base.host} was cut short.`, 502), { cause });
    }
    return Buffer.concat(pieces);
  }
}

function toBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (url !== undefined && isPlain && /^https?:$/.test(url.protocol)) return url;
  throw new ArchiveError("url must be the address of an API, such as https://api.example.org.");
}

/** What the server says, or a little longer each time. */
function waitOf({ headers }: Response, tries: number, now: number): number {
  const said = headers.get("retry-after") ?? "";
  if (/^\d{1,6}$/.test(said)) return Number(said) * 1000;
  const date = Date.parse(said);
  return Number.isNaN(date) ? 500 * 2 ** tries : Math.max(0, date - now);
}
