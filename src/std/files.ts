/** The files of a val, read through the API. `std/utils/file.ts` */

import { callApi, reasonOf, token } from "./call.ts";
import { encodePath, entrypoint, parseVal, type ValMetadata } from "./val-url.ts";

/** A file or folder of a val, as the API shows it. */
export interface File {
  id: string;
  name: string;
  path: string;
  version: number;
  updatedAt: string;
  type: "directory" | "file" | "interval" | "http" | "email" | "script";
  links: { self: string; html: string; module: string; endpoint?: string; email?: string };
}

const PAGE = 100;
/** Files of a version never change: the last ones read are kept. */
const KEPT = 100;
const ids = new Map<string, Promise<string>>();
const texts = new Map<string, Promise<string>>();

/**
 * The text of a file of this val; `metaImportUrl` reads another val, or the version that a module was pinned to.
 *
 * @example
 * ```ts
 * import { readFile } from "https://esm.town/v/std/utils/index.ts";
 *
 * console.log(await readFile("/greeting.txt")); // → "Hello from a file"
 * const error = await readFile("missing.txt").catch((error) => error);
 * console.log(error.message.startsWith("Failed to fetch file missing.txt")); // → true
 * ```
 */
export async function readFile(path: string, metaImportUrl: string = entrypoint()): Promise<string> {
  const val = parseVal(metaImportUrl);
  const read = async () => {
    const query = await queryOf(val, { path: encodeCheck(path) });
    const response = await callApi(`/v2/vals/${await idOf(val)}/files/content?${query}`);
    if (!response.ok) {
      throw new Error(`Failed to fetch file ${path}: ${await reasonOf(response, "no such file")}`);
    }
    return await response.text();
  };
  if (val.version === undefined) return await read();
  return await kept(texts, `${keyOf(val)}@${val.version}:${encodePath(path)}`, read);
}

/**
 * All files and folders of this val.
 *
 * @example
 * ```ts
 * import { listFiles } from "https://esm.town/v/std/utils/index.ts";
 *
 * const files = await listFiles();
 * console.log(files.some((file) => file.path === "pages/index.html")); // → true
 * ```
 */
export async function listFiles(metaImportUrl: string = entrypoint()): Promise<File[]> {
  return await list(parseVal(metaImportUrl), { path: "", recursive: "true" });
}

/**
 * The files and folders that lie in one folder of this val.
 *
 * @example
 * ```ts
 * import { listFilesByPath } from "https://esm.town/v/std/utils/index.ts";
 *
 * const files = await listFilesByPath("pages/");
 * console.log(files.map((file) => file.name).sort()); // → ["app.tsx", "index.html"]
 * ```
 */
export async function listFilesByPath(path: string, metaImportUrl: string = entrypoint()): Promise<File[]> {
  return await list(parseVal(metaImportUrl), { path: encodeCheck(path), recursive: "false" });
}

/**
 * The URL at which an HTTP file of this val answers.
 *
 * @example
 * ```ts
 * import { httpEndpoint, parseVal } from "https://esm.town/v/std/utils/index.ts";
 *
 * const endpoint = await httpEndpoint(parseVal().path);
 * console.log(URL.canParse(endpoint)); // → true
 * ```
 */
export async function httpEndpoint(path: string, metaImportUrl: string = entrypoint()): Promise<string> {
  const { endpoint } = (await find(path, metaImportUrl)).links;
  if (!endpoint) throw new Error(`${path} has no HTTP endpoint. Make it an HTTP file.`);
  return endpoint;
}

/**
 * The mail address of an email file of this val.
 *
 * @example
 * ```ts
 * import { emailAddress } from "https://esm.town/v/std/utils/index.ts";
 *
 * const address = await emailAddress("inbox.email.ts");
 * console.log(/^\w+-[0-9a-f]{32}@/.test(address)); // → true
 * ```
 */
export async function emailAddress(path: string, metaImportUrl: string = entrypoint()): Promise<string> {
  const { email } = (await find(path, metaImportUrl)).links;
  if (!email) throw new Error(`${path} has no email trigger. Make it an email file.`);
  return email;
}

/**
 * The id under which the API knows this val.
 *
 * @example
 * ```ts
 * import { getValId } from "https://esm.town/v/std/utils/index.ts";
 *
 * console.log((await getValId()).length); // → 36
 * ```
 */
export async function getValId(metaImportUrl: string = entrypoint()): Promise<string> {
  return await idOf(parseVal(metaImportUrl));
}

/**
 * The JavaScript of a module of a val, from its URL.
 *
 * @example
 * ```ts
 * import { fetchTranspiledJavaScript } from "https://esm.town/v/std/utils/index.ts";
 *
 * const url = new URL("./pages/app.tsx", Deno.env.get("VALTOWN_ENTRYPOINT"));
 * const code = await fetchTranspiledJavaScript(url.href);
 * console.log(code.includes("interface")); // → false
 * ```
 */
export async function fetchTranspiledJavaScript(url: string): Promise<string> {
  const read = async () => {
    // The module host answers Deno, and who accepts TypeScript, with TypeScript.
    const headers = new Headers({ accept: "text/javascript", "user-agent": "std/utils" });
    // Our token is for the town's own module host and for nobody else.
    if (isOwnHost(url)) headers.set("authorization", `Bearer ${token()}`);
    const response = await fetch(url, { headers });
    if (!response.ok)
      throw new Error(`Failed to fetch file ${url}: ${await reasonOf(response, "no answer")}`);
    return await response.text();
  };
  const pinned = isOwnHost(url) && parseVal(url).version !== undefined;
  return await (pinned ? kept(texts, url, read) : read());
}

function isOwnHost(url: string): boolean {
  return URL.parse(url)?.origin === URL.parse(entrypoint())?.origin;
}

async function find(path: string, metaImportUrl: string): Promise<File> {
  const files = await list(parseVal(metaImportUrl), { path: encodeCheck(path), recursive: "false" });
  const file = files.find((file) => file.path === encodeCheck(path));
  if (!file) throw new Error(`Failed to fetch file ${path}: this val has no such file.`);
  return file;
}

async function list(val: ValMetadata, query: Record<string, string>): Promise<File[]> {
  const files: File[] = [];
  for (let more = true; more; ) {
    const page = await queryOf(val, { ...query, limit: `${PAGE}`, offset: `${files.length}` });
    const response = await callApi(`/v2/vals/${await idOf(val)}/files?${page}`);
    if (!response.ok) {
      throw new Error(`Failed to list files: ${await reasonOf(response, `no folder ${query.path}`)}`);
    }
    const { data, links } = await response.json();
    files.push(...data);
    more = links.next !== undefined && data.length > 0;
  }
  return files;
}

/** Version and branch as the module's URL has them, so that a pinned module reads what it was saved with. */
async function queryOf(val: ValMetadata, more: Record<string, string>): Promise<URLSearchParams> {
  const query = new URLSearchParams(more);
  if (val.version !== undefined) query.set("version", `${val.version}`);
  if (val.branch !== "main") query.set("branch_id", await branchIdOf(val));
  return query;
}

function idOf(val: ValMetadata): Promise<string> {
  const path = `/v2/alias/vals/${encodeURIComponent(val.username)}/${encodeURIComponent(val.name)}`;
  return kept(ids, path, async () => {
    const response = await callApi(path);
    if (response.ok) return (await response.json()).id;
    throw new Error(`Failed to find ${val.username}/${val.name}: ${await reasonOf(response, "no such val")}`);
  });
}

function branchIdOf(val: ValMetadata): Promise<string> {
  return kept(ids, keyOf(val), async () => {
    for (let offset = 0, more = true; more; offset += PAGE) {
      const response = await callApi(`/v2/vals/${await idOf(val)}/branches?limit=${PAGE}&offset=${offset}`);
      if (!response.ok) throw new Error(await reasonOf(response, "Failed to list branches"));
      const { data, links } = await response.json();
      const branch = data.find(({ name }: { name: string }) => name === val.branch);
      if (branch) return branch.id;
      more = links.next !== undefined;
    }
    throw new Error(`${val.username}/${val.name} has no branch ${val.branch}.`);
  });
}

function keyOf(val: ValMetadata): string {
  return `${val.username}/${val.name}/${val.branch}`;
}

/** Asks once for what was asked before; a failure is not kept. */
function kept(cache: Map<string, Promise<string>>, key: string, ask: () => Promise<string>): Promise<string> {
  const known = cache.get(key);
  if (known) return known;
  const answer = ask();
  cache.set(key, answer);
  answer.catch(() => cache.delete(key));
  for (const oldest of cache.keys()) {
    if (cache.size <= KEPT) break;
    cache.delete(oldest);
  }
  return answer;
}

/** Without slashes around it, and within the val. */
function encodeCheck(path: string): string {
  encodePath(path);
  return path
    .split("/")
    .filter((part) => part !== "")
    .join("/");
}
