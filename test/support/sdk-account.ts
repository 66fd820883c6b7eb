/** What is checked of each method of the SDK that is about accounts and their stores: that it did what it says. */

import { expect } from "bun:test";
import { all, refusal, type SdkTown } from "./sdk.ts";

type Checks = Readonly<Record<string, (town: SdkTown) => Promise<void>>>;

const PEOPLE: Checks = {
  "me.profile.retrieve": async ({ client, hamlet }) => {
    expect(await client.me.profile.retrieve()).toMatchObject({
      id: expect.any(String),
      type: "user",
      bio: null,
      username: hamlet.username,
      profileImageUrl: null,
      tier: "free",
      email: null,
      links: { self: expect.stringMatching(/\/v1\/users\/|\/v1\/me/) },
    });
  },
  "users.retrieve": async ({ client, hamlet }) => {
    const { id } = await client.me.profile.retrieve();
    const user = await client.users.retrieve(id);
    expect(user).toMatchObject({ id, username: hamlet.username });
    expect(user).not.toHaveProperty("email");
  },
  "alias.username.retrieve": async ({ client, hamlet }) => {
    const { id } = await client.me.profile.retrieve();
    expect(await client.alias.username.retrieve(hamlet.username.toUpperCase())).toMatchObject({ id });
    expect((await refusal(client.alias.username.retrieve("nobody-of-this-name"))).status).toBe(404);
  },
  "alias.username.valName.retrieve": async (town) => {
    const id = await town.val("named");
    const { valName } = town.client.alias.username;
    expect(await valName.retrieve(town.hamlet.username, "named")).toMatchObject({ id, name: "named" });
    const missing = await refusal(valName.retrieve(town.hamlet.username, "none"));
    expect(missing.message).toBe("404 This val could not be found");
  },
  "orgs.list": async ({ client, hamlet }) => {
    expect(await all(client.orgs.list({ limit: 1, offset: 0 }))).toEqual([]);
    const names = ["guild-a", "guild-b", "guild-c"];
    for (const username of names) {
      expect((await hamlet.api("/v3/orgs", { json: { username } })).status).toBe(201);
    }
    for (const query of [
      { limit: 1, offset: 0 },
      { limit: 2, offset: 0 },
      {} as { limit: number; offset: number },
    ]) {
      const orgs = await all(client.orgs.list(query));
      expect(orgs.map(({ username }) => username).sort()).toEqual(names);
    }
    const [org] = await all(client.orgs.list({ limit: 1, offset: 0 }));
    const val = await client.vals.create({ name: "shared", privacy: "private", orgId: org!.id });
    expect(val.author).toMatchObject({ id: org!.id, type: "org" });
    const mine = await all(client.me.vals.list({ limit: 1, offset: 0 }));
    expect(mine.map(({ id }) => id)).toContain(val.id);
    const { id } = await client.me.profile.retrieve();
    // Of a later SDK; this one has no method for it.
    expect(await client.get(`/v2/orgs/${org!.id}/memberships`)).toEqual([
      { id: expect.any(String), role: "owner", user: { id, username: hamlet.username } },
    ]);
  },
  "search.vals.list": async (town) => {
    const ids = new Set<string>();
    for (const name of ["quokkaOne", "quokkaTwo", "quokkaThree"]) ids.add(await town.val(name));
    for (const limit of [1, 2, 20]) {
      const found = await all(town.client.search.vals.list({ query: "quokka", limit, offset: 0 }));
      expect(new Set(found.map(({ id }) => id))).toEqual(ids);
      expect(found.length).toBe(3);
    }
    const { data } = await town.client.search.vals.list({ query: "quokkaOne", limit: 1, offset: 0 });
    expect(data[0]).toMatchObject({ name: "quokkaOne", public: true, privacy: "public" });
    expect((await all(town.client.search.vals.list({ query: "numbat" }))).length).toBe(0);
  },
};

const STORES: Checks = {
  "blobs.store": async ({ client }) => {
    const bytes = new Uint8Array(100_000).map((_, index) => index % 251);
    expect(await client.blobs.store("bytes", bytes as never)).toBe("ok" as never);
    const stored = new Uint8Array(await (await client.blobs.get("bytes")).arrayBuffer());
    expect(Buffer.compare(stored, bytes)).toBe(0);
    await client.blobs.store("folder/of/keys", "text" as never);
    expect(await (await client.blobs.get("folder/of/keys")).text()).toBe("text");
  },
  "blobs.get": async ({ client }) => {
    await client.blobs.store("words", new TextEncoder().encode("a few words") as never);
    expect(await (await client.blobs.get("words")).text()).toBe("a few words");
    expect((await refusal(client.blobs.get("no-such-words"))).status).toBe(404);
  },
  "blobs.list": async ({ client }) => {
    for (const key of ["list/1", "list/2", "other/1"]) await client.blobs.store(key, "123" as never);
    const listed = await client.blobs.list({ prefix: "list/" });
    expect(listed.map(({ key }) => key)).toEqual(["list/1", "list/2"]);
    expect(listed[0]).toMatchObject({ size: 3, lastModified: expect.any(String) });
    expect((await client.blobs.list()).map(({ key }) => key)).toContain("other/1");
  },
  "blobs.delete": async ({ client }) => {
    await client.blobs.store("doomed", "x" as never);
    await client.blobs.delete("doomed");
    expect((await refusal(client.blobs.get("doomed"))).status).toBe(404);
    await client.blobs.delete("doomed");
  },
  "sqlite.execute": async ({ client }) => {
    const { sqlite } = client;
    await sqlite.execute({ statement: "create table if not exists kv (key text, n integer);" });
    const made = await sqlite.execute({ statement: { sql: "insert into kv values (?, ?)", args: ["a", 1] } });
    expect(made).toMatchObject({ rowsAffected: 1, rows: [] });
    const named = {
      sql: "select n, key, n + :more as sum from kv where key = :key",
      args: { key: "a", more: 41 },
    };
    expect(await sqlite.execute({ statement: named })).toMatchObject({
      columns: ["n", "key", "sum"],
      columnTypes: ["INTEGER", "TEXT", ""],
      rows: [[1, "a", 42]],
    });
    const wrong = await refusal(sqlite.execute({ statement: "select * from nowhere" }));
    expect([wrong.status, wrong.message]).toEqual([400, expect.stringContaining("no such table: nowhere")]);
  },
  "sqlite.batch": async ({ client }) => {
    const { sqlite } = client;
    const statements = [
      "create table batch (n)",
      { sql: "insert into batch values (?)", args: [7] },
      "select * from batch",
    ];
    const results = await sqlite.batch({ statements, mode: "write" });
    expect(results.map(({ rows }) => rows)).toEqual([[], [], [[7]]]);
    const broken = { statements: ["insert into batch values (8)", "insert into nowhere values (1)"] };
    expect((await refusal(sqlite.batch(broken))).status).toBe(400);
    const after = await sqlite.batch({ statements: ["select n from batch"], mode: "read" });
    expect(after[0]!.rows).toEqual([[7]]);
  },
  "emails.send": async ({ client, hamlet }) => {
    const sent = await client.emails.send({
      to: ["someone@example.org", { email: "two@example.org", name: "Two" }],
      replyToList: [{ email: "reply@example.org" }],
      subject: "From the SDK",
      text: "Hello",
      headers: { "x-of": "sdk" },
      attachments: [{ content: btoa("attached"), filename: "a.txt", type: "text/plain" }],
    });
    expect(sent.message).toEqual(expect.any(String));
    const kept = (await (await hamlet.api("/v3/mails")).json()) as { data: { subject: string }[] };
    expect(kept.data.map(({ subject }) => subject)).toContain("From the SDK");
  },
};

/** Waits for what a call leaves behind: it is stored soon after the answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(20);
  }
  throw new Error("It did not come.");
}

async function calledVal(town: SdkTown, name: string, calls: number) {
  const start = new Date().toISOString();
  const source = `let n = 0; export default () => { console.log("call", ++n); console.error("after"); return new Response(); }`;
  const val = await town.hamlet.val(name, source);
  for (let call = 0; call < calls; call++) await (await town.hamlet.fetch(val)).text();
  const [branch] = await all(town.client.vals.branches.list(val.id, {}));
  const query = { branch_ids: [branch!.id], start, direction: "asc" as const, order_by: "end_time" as const };
  const traces = await until(async () => {
    const { data } = await town.client.telemetry.traces.list({ ...query, limit: 100 });
    return data.length === calls ? data : undefined;
  });
  return { query, traces };
}

const TELEMETRY: Checks = {
  "telemetry.traces.list": async (town) => {
    const { query, traces } = await calledVal(town, "traced", 3);
    const keys = traces[0]!.attributes.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(["val.file_id", "val.branch_id", "url.full"]));
    const seen: string[] = [];
    let start: string | null = query.start;
    while (start !== null) {
      const page = await town.client.telemetry.traces.list({
        ...query,
        start,
        limit: 1,
      });
      seen.push(...page.data.map(({ traceId }) => traceId));
      const next: string | undefined = page.links.next;
      start = next === undefined ? null : new URL(next).searchParams.get("start");
    }
    expect([...new Set(seen)].sort()).toEqual(traces.map(({ traceId }) => traceId).sort());
  },
  "telemetry.logs.list": async (town) => {
    const { traces } = await calledVal(town, "logged", 2);
    const { traceId } = traces[1]!;
    const query = { trace_ids: [traceId], direction: "asc" as const, limit: 1 };
    await until(async () => {
      const { data } = await town.client.telemetry.logs.list({ ...query, limit: 10 });
      return data.length === 2 ? data : undefined;
    });
    const lines: string[] = [];
    let start: string | undefined;
    do {
      const page = await town.client.telemetry.logs.list({ ...query, ...(start && { start }) });
      lines.push(...page.data.map((line) => `${line.severityText}: ${line.body.stringValue}`));
      const next: string | undefined = page.links.next;
      start = next && (new URL(next).searchParams.get("start") ?? undefined);
    } while (start);
    expect(lines).toEqual(["stdout: call 2", "stderr: after"]);
  },
};

/** By method; each makes what it needs. */
export const ACCOUNT_CHECKS: Checks = { ...PEOPLE, ...STORES, ...TELEMETRY };
