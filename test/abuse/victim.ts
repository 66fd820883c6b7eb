/** Another user of the town, with something secret in every place where the town keeps things for its users. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestHamlet } from "../support/server.ts";

/** What an attacker is told of it: everything but its secrets and its token. */
export interface VictimFacts {
  readonly username: string;
  readonly userId: string;
  readonly valName: string;
  readonly valId: string;
  readonly branchId: string;
  readonly fileId: string;
  readonly mailId: string;
  readonly traceId: string;
  /** URL of its endpoint. */
  readonly endpoint: string;
}

export interface Victim {
  readonly facts: VictimFacts;
  /** None of them may be seen by anyone else's val. Each begins with `secret-`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What happened to it that should not have: one sentence each. */
  breaches(): Promise<string[]>;
}

const NAME = "diary";
export const VICTIM = "victim";
/** Under the data folder: what another one's build has fetched, maybe from an address that is the only key to it. */
const FETCHED = "deno/remote/https/secret.example";

/** `key` opens its endpoint; it is in the record of its calls, as all that visitors send. */
const source = (secrets: Record<string, string>, key: string) => `
import { blob } from "https://esm.town/v/std/blob/main.ts";
import { blob as shared } from "https://esm.town/v/std/blob";
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
import { sqlite as account } from "https://esm.town/v/std/sqlite";
import { email } from "https://esm.town/v/std/email";
import { secret } from "./secret.ts";

const tell = async () => ({
  variable: Deno.env.get("KEY"), secret,
  blobs: [await blob.list(), await (await blob.get("diary")).text(), await shared.list(), await (await shared.get("diary")).text()],
  rows: [(await sqlite.execute("select * from diary")).rows.map((row) => row.text), (await account.execute("select text from diary")).rows],
});

export default async function diary(request: Request): Promise<Response> {
  if (request.headers.get("x-key") !== ${JSON.stringify(key)}) return new Response("no", { status: 403 });
  if (request.method === "GET") return Response.json(await tell());
  await blob.set("diary", ${JSON.stringify(secrets.blob)});
  await shared.set("diary", ${JSON.stringify(secrets.shared)});
  for (const [db, text] of [[sqlite, ${JSON.stringify(secrets.row)}], [account, ${JSON.stringify(secrets.account)}]] as const) {
    await db.execute("create table diary (text)");
    await db.execute({ sql: "insert into diary values (?)", args: [text] });
  }
  await email({ subject: ${JSON.stringify(secrets.mail)}, text: "hello" });
  console.log(${JSON.stringify(secrets.log)});
  return Response.json(await tell());
}
`;

const secret = () => `secret-${crypto.randomUUID()}`;

/** Makes its val, calls it once, and so fills every place. `token` is the victim's own. */
export async function plantVictim(hamlet: TestHamlet, token: string): Promise<Victim> {
  const names = ["variable", "module", "blob", "shared", "row", "account", "mail", "log", "fetched"] as const;
  const secrets = Object.fromEntries(names.map((name) => [name, secret()])) as Record<
    (typeof names)[number],
    string
  >;
  const key = crypto.randomUUID();
  const api = async (path: string, json?: unknown) => {
    const answer = await hamlet.api(path, { json, headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The victim was answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const val = await api("/v2/vals", { name: NAME, privacy: "private" });
  await api(`/v2/vals/${val.id}/environment_variables`, { key: "KEY", value: secrets.variable });
  const save = (path: string, type: string, content: string) =>
    api(`/v2/vals/${val.id}/files?path=${path}`, { type, content });
  await save("secret.ts", "script", `export const secret = ${JSON.stringify(secrets.module)};\n`);
  const file = await save("main.ts", "http", source(secrets, key));
  plantFetched(hamlet.data, secrets.fetched);
  const endpoint: string = file.links.endpoint;
  const call = (method: string) =>
    hamlet.fetch({ id: val.id, name: NAME, endpoint, host: new URL(endpoint).host }, "/", {
      method,
      headers: { "x-key": key },
    });
  const first = await call("POST");
  const before = await first.text();
  if (first.status !== 200) throw new Error(`The victim does not work: ${before}`);
  const state = async () =>
    JSON.stringify([
      await (await call("GET")).json(),
      (await api(`/v2/vals/${val.id}/environment_variables`)).data,
      (await api(`/v2/vals/${val.id}`)).privacy,
      (await api(`/v2/vals/${val.id}/files?path=&recursive=true&limit=10&offset=0`)).data,
      (await api("/v3/mails")).data.length,
    ]);
  const then = await state();
  const [mail] = (await api("/v3/mails")).data;
  const { data: branches } = await api(`/v2/vals/${val.id}/branches?limit=10&offset=0`);
  return {
    secrets,
    facts: {
      username: VICTIM,
      userId: val.author.id,
      valName: NAME,
      valId: val.id,
      branchId: branches[0].id,
      fileId: file.id,
      mailId: mail.id,
      traceId: first.headers.get("x-hamlet-trace") ?? "",
      endpoint,
    },
    async breaches() {
      const now = await state();
      return now === then ? [] : [`the victim's things were ${then} and are ${now}`];
    },
  };
}

function plantFetched(data: string, text: string): void {
  const folder = join(data, FETCHED);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "0".repeat(64)), `export default ${JSON.stringify(text)};\n`);
}
