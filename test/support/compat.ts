/** Vals as people publish them: folders in `test/compat`, each with the requests it must answer in `expect.json`. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestHamlet, TestVal } from "./server.ts";

const FOLDER = join(import.meta.dir, "../compat");
const MODULE = /\.(ts|tsx|js|jsx)$/;
const METHODS = ["get", "post", "put", "patch", "delete", "options"] as const;

/** One request and what must come back; of the methods exactly one is there, with the path. */
export interface Step extends Partial<Record<(typeof METHODS)[number], string>> {
  readonly body?: string;
  readonly json_body?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a method: the path of a WebSocket. */
  readonly socket?: string;
  readonly send?: string;
  readonly hears?: string;
  /** Else anything below 400. */
  readonly status?: number;
  /** The whole body. */
  readonly is?: string;
  readonly json?: unknown;
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** A regular expression for the body. */
  readonly matches?: string;
  /** Regular expressions for headers; that of a header which is absent sees an empty text. */
  readonly header?: Readonly<Record<string, string>>;
  /** Reads no further than to this text, and leaves. */
  readonly until?: string;
}

export interface Expectation {
  /** A sentence about the val. */
  readonly says: string;
  /** Else `tester`. */
  readonly owner?: string;
  /** The file that answers; else main.tsx or main.ts. */
  readonly http?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface CompatVal extends Expectation {
  readonly name: string;
  /** Its versions, the oldest first; each has all its files. */
  readonly versions: readonly Readonly<Record<string, string>>[];
}

/** All of them; those of other owners first, because vals import them. */
export function readCompatVals(): CompatVal[] {
  const names = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const vals = names.map(({ name }) => readVal(name));
  return vals.sort(
    (a, b) => Number(Boolean(b.owner)) - Number(Boolean(a.owner)) || (a.name < b.name ? -1 : 1),
  );
}

function readVal(name: string): CompatVal {
  const folder = join(FOLDER, name);
  const expectation: Expectation = JSON.parse(readFileSync(join(folder, "expect.json"), "utf8"));
  const newest = readFiles(folder);
  const first = join(folder, "@1");
  return { ...expectation, name, versions: existsSync(first) ? [readFiles(first), newest] : [newest] };
}

function readFiles(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path !== "expect.json" && !path.startsWith("@"));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** Publishes a val for its owner, one save for each version, then its variables. */
export async function publish(hamlet: TestHamlet, val: CompatVal, token: string): Promise<TestVal> {
  const headers = { authorization: `Bearer ${token}` };
  const call = async (path: string, json: unknown, method = "POST") => {
    const answer = await hamlet.api(path, { headers, json, method });
    const build = answer.headers.get("x-hamlet-build");
    if (!answer.ok || build === "failed")
      throw new Error(`${val.name}: ${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const [first = {}, ...later] = val.versions;
  const files = Object.entries(first).map(([path, content]) => ({ path, type: typeOf(val, path), content }));
  const { id } = await call("/v2/vals", { name: val.name, privacy: "public", files });
  for (const version of later) await saveNext(call, id, first, version);
  for (const [key, value] of Object.entries(val.env ?? {})) {
    await call(`/v2/vals/${id}/environment_variables`, { key, value });
  }
  const http = Object.keys(val.versions.at(-1)!).find((path) => typeOf(val, path) === "http");
  const query = new URLSearchParams({ path: http ?? "", limit: "1", offset: "0" });
  const { data } = (await (await hamlet.api(`/v2/vals/${id}/files?${query}`, { headers })).json()) as {
    data: { links: { endpoint?: string } }[];
  };
  const endpoint = data[0]?.links.endpoint ?? "";
  return { id, name: val.name, endpoint, host: endpoint && new URL(endpoint).host };
}

type Call = (path: string, json: unknown, method?: string) => Promise<unknown>;

async function saveNext(
  call: Call,
  id: string,
  before: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  // New files first: what is there already may import them.
  for (const [path, content] of Object.entries(files).filter(([path]) => !(path in before))) {
    await call(`/v2/vals/${id}/files?${new URLSearchParams({ path })}`, { type: "script", content });
  }
  for (const [path, content] of Object.entries(files).filter(([path]) => path in before)) {
    await call(`/v2/vals/${id}/files?${new URLSearchParams({ path })}`, { content }, "PUT");
  }
}

function typeOf(val: CompatVal, path: string): "http" | "script" | "file" {
  const entry = val.http ?? ("main.tsx" in val.versions[0]! ? "main.tsx" : "main.ts");
  if (path === entry && val.steps.length > 0) return "http";
  return MODULE.test(path) ? "script" : "file";
}

/** Method and path of a step. */
export function targetOf(step: Step): [method: string, path: string] {
  const method = METHODS.find((name) => step[name] !== undefined);
  if (!method) throw new Error(`This step has no method: ${JSON.stringify(step)}`);
  return [method.toUpperCase(), step[method]!];
}

/** The body of a step's request, with its media type. */
export function bodyOf(step: Step): { body?: string; type?: string } {
  if (step.form) {
    return { body: `${new URLSearchParams(step.form)}`, type: "application/x-www-form-urlencoded" };
  }
  if (step.json_body !== undefined) return { body: JSON.stringify(step.json_body), type: "application/json" };
  return step.body === undefined ? {} : { body: step.body };
}

/** The text of a body up to and with `until`; without it, all of it. */
export async function readText(response: Response, until?: string): Promise<string> {
  if (!until || !response.body) return await response.text();
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body) {
    text += decoder.decode(piece, { stream: true });
    if (text.includes(until)) break;
  }
  return text;
}
