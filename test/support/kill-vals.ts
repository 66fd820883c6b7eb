/** Vals that write down each of their runs, and the town they live in, which may be killed at any moment. */

import { Database } from "bun:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestHamlet } from "./server.ts";
import { eventually } from "./telemetry.ts";

export const MAIL_DOMAIN = "town.example";

/** A file that is started by the clock or by mail. */
export interface StartedFile {
  readonly fileId: string;
  /** As it calls itself in what it writes down. */
  readonly what: string;
  /** `set`: its slots are the test's; `minute`: its slots are those of the clock. */
  readonly kind: "set" | "minute" | "email";
}

/** What a run has written down: that it began, and that it came to its end. */
export interface Written {
  readonly id: string;
  readonly what: string;
  readonly mail: string | null;
  readonly subject: string | null;
  readonly length: number | null;
  readonly at: number;
  readonly ended: number | null;
}

/** Once in four years: it has no slots but those that the test sets. */
const SELDOM = "0 0 29 2 *";
const TABLE =
  "create table runs (id text primary key, what text, mail text, subject text, length integer, at integer, ended integer)";
const LONGEST_RUN_MS = 400;

const sourceOf = (what: string, kind: StartedFile["kind"]) => `
import { sqlite } from "https://esm.town/v/std/sqlite";
export default async function (given) {
  const id = crypto.randomUUID();
  const args = [id, ${JSON.stringify(what)}, ${
    kind === "email"
      ? `given.headers["x-hamlet-mail-id"], given.subject, given.text.length`
      : "null, null, null"
  }, Date.now()];
  await sqlite.execute({ sql: "insert into runs (id, what, mail, subject, length, at) values (?, ?, ?, ?, ?, ?)", args });
  await new Promise((go) => setTimeout(go, Math.random() * ${LONGEST_RUN_MS}));
  await sqlite.execute({ sql: "update runs set ended = ? where id = ?", args: [Date.now(), id] });
}`;

/** Makes them, and returns once each of them has run for the first time. */
export async function makeStartedVals(
  hamlet: TestHamlet,
  count: number,
  slotsEach: number,
): Promise<StartedFile[]> {
  await call(hamlet, "/v1/sqlite/execute", { json: { statement: TABLE } });
  const vals = Array.from({ length: count }, (_, n) => makeVal(hamlet, `val${n}`, n, slotsEach));
  const files = (await Promise.all(vals)).flat();
  await eventually(async () => {
    const seen = new Set(readWritten(hamlet.data).map(({ what, ended }) => (ended === null ? "" : what)));
    return files.every(({ what, kind }) => kind === "email" || seen.has(what)) || undefined;
  }, 60_000);
  for (const { fileId, kind } of files) {
    if (kind === "email") continue;
    const schedule = kind === "set" ? SELDOM : "every minute";
    await call(hamlet, `/v3/files/${fileId}/trigger`, { method: "PATCH", json: { schedule } });
  }
  return files;
}

async function makeVal(
  hamlet: TestHamlet,
  name: string,
  number: number,
  slotsEach: number,
): Promise<StartedFile[]> {
  const kinds: Record<string, StartedFile["kind"]> = { "mail.email.ts": "email" };
  for (let n = 0; n < slotsEach; n++) kinds[`slot${n}.interval.ts`] = "set";
  if (number === 0) kinds["minute.interval.ts"] = "minute";
  const sources = Object.entries(kinds).map(([path, kind]) => [path, sourceOf(`${name}/${path}`, kind)]);
  const val = await hamlet.val(name, Object.fromEntries(sources));
  const { data } = await call(hamlet, `/v2/vals/${val.id}/files?path=&recursive=true&limit=100`);
  return data.map(({ id, path }: { id: string; path: string }) => ({
    ...{ fileId: id, what: `${name}/${path}`, kind: kinds[path]! },
  }));
}

/** What all runs have written down, also while the town is open. */
export function readWritten(data: string): Written[] {
  const folder = join(data, "sqlite", "user");
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".db"));
  using db = new Database(join(folder, file!), { readonly: true });
  // The process that had it outlives its town for a moment.
  db.run("pragma busy_timeout = 10000");
  return db.query("select * from runs").all() as Written[];
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the API
async function call(hamlet: TestHamlet, path: string, init?: Parameters<TestHamlet["api"]>[1]): Promise<any> {
  const answer = await hamlet.api(path, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
