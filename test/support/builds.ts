/** What became of saves: over the API, as the vals' owners see it. */

import type { TestHamlet, TestVal } from "./server.ts";
import { eventually } from "./telemetry.ts";

export interface TestDiagnostic {
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** As `GET /v3/vals/{val_id}/builds` has it. */
export interface TestBuild {
  readonly file: { readonly id: string; readonly path: string };
  readonly serving: {
    readonly version: number;
    readonly builtAt: string;
    readonly level: number;
    readonly reasons: readonly string[];
  } | null;
  readonly failed: { readonly version: number; readonly diagnostics: readonly TestDiagnostic[] } | null;
}

export interface Saved {
  /** `ok` or `failed`; null when nothing was built. */
  readonly build: string | null;
  readonly diagnostics: readonly TestDiagnostic[];
}

/** Patience for what is built in the background on a busy machine. */
const PATIENCE_MS = 30_000;

/** What was built of the val's first trigger file. */
export async function buildOf(hamlet: TestHamlet, val: TestVal): Promise<TestBuild> {
  const answer = await hamlet.api(`/v3/vals/${val.id}/builds`);
  return ((await answer.json()) as { data: TestBuild[] }).data[0]!;
}

/** A val of whoever `token` is of; all its files are saved as one version. */
export async function valOf(
  hamlet: TestHamlet,
  token: string,
  name: string,
  texts: Readonly<Record<string, string>>,
  privacy = "public",
): Promise<TestVal> {
  const headers = { authorization: `Bearer ${token}` };
  const files = Object.entries(texts).map(([path, content]) => {
    return { path, content, type: path.includes("http") ? "http" : "script" };
  });
  const made = await hamlet.api("/v2/vals", { headers, json: { name, privacy, files } });
  if (made.status !== 201) throw new Error(`${name} was not made: ${await made.text()}`);
  const { id } = (await made.json()) as { id: string };
  const list = await hamlet.api(`/v2/vals/${id}/files?path=&recursive=true`, { headers });
  const all = ((await list.json()) as { data: { links: { endpoint?: string } }[] }).data;
  const endpoint = all.find(({ links }) => links.endpoint)?.links.endpoint ?? "";
  return { id, name, endpoint, host: endpoint && new URL(endpoint).host };
}

/** Saves a file of a val of whoever `token` is of, which may fail to build. */
export async function saveAs(
  hamlet: TestHamlet,
  token: string,
  val: TestVal,
  content: string,
  path = "main.http.ts",
): Promise<Saved> {
  const headers = { authorization: `Bearer ${token}` };
  const url = `/v2/vals/${val.id}/files?${new URLSearchParams({ path })}`;
  const answer = await hamlet.api(url, { method: "PUT", headers, json: { content } });
  if (answer.status !== 200) throw new Error(`${path} was not saved: ${await answer.text()}`);
  const { diagnostics = [] } = (await answer.json()) as { diagnostics?: TestDiagnostic[] };
  return { build: answer.headers.get("x-hamlet-build"), diagnostics };
}

/** Resolves once the val answers this. */
export async function answers(hamlet: TestHamlet, val: TestVal, text: string): Promise<void> {
  let last = "";
  const ask = async () => {
    last = await (await hamlet.fetch(val)).text();
    return last === text || undefined;
  };
  await eventually(ask, PATIENCE_MS).catch(() => {
    throw new Error(`${val.name} answers ${last}, and not ${text}.`);
  });
}

/** The val's build, as soon as it is as wanted. */
export function buildWhere(
  hamlet: TestHamlet,
  val: TestVal,
  isWanted: (build: TestBuild) => boolean,
): Promise<TestBuild> {
  return eventually(async () => {
    const build = await buildOf(hamlet, val);
    return build !== undefined && isWanted(build) ? build : undefined;
  }, PATIENCE_MS);
}
