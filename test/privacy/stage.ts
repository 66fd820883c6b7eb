/** An organization with vals of each privacy and secrets in all they have, and four people who look at them. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import { PRIVACIES } from "../../src/val/visibility.ts";
import { type Answer, makeTown, type Town } from "../support/town.ts";
import type { More, Names, Privacy, Viewer } from "./types.ts";

/** In the name, the description, paths, texts, branches and proposals of a val: a secret when it is private. */
const MARKS: Readonly<Record<Privacy, string>> = { public: "zqpub", unlisted: "zqunl", private: "zqprv" };
/** In variables, blobs, databases, logs, mails, tokens, invitations, domains: for members alone, whatever the privacy. */
const HIDDEN = "zqhid";
/** In texts that no address and no request has in it. */
export const DEEP = "zqdeep";
const TOLD_TO_MEMBERS = `${HIDDEN} ${DEEP}`;
/** What strangers may never be told. */
export const SECRET = /zqprv|zqhid|zqdeep/i;
/** What strangers may be told only when they name it. */
export const UNLISTED = /zqunl/i;
export const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";
/** Of the stranger's own calls. */
const OWN = "0b0b0b0b-791b-11f0-b97e-0224a6c84d84";

/** What else is about people may be somebody else's: an invitation, a mention. */
const OF_PEOPLE = /^(users|tokens|connections|blobs|auth_)/;
const DEPLOYMENT = {
  ...{ id: "d", valName: "x", artifact: "/", entry: "main.ts", start: "pooled" as const, secret: false },
  ...{ module: "https://esm.town/v/x/x@1-main/main.ts", userId: "x", env: {} },
};
const CALL = {
  ...{ kind: "http", method: "GET", status: 200, error: undefined, worker: "w", cold: false, aborted: false },
  ...{ start: 1, firstByte: 2, end: 3, bytesIn: 0, bytesOut: 0, responseHeaders: "" },
};

export async function makeStage(): Promise<Stage> {
  const town = await makeTown({ telemetry: { settleMs: 0, flushMs: 5 } });
  const person = async (username: string) => {
    const email = `${username}-${HIDDEN}@example.org`;
    const { id } = await town.store.users.create({ username, email });
    const made = await town.store.tokens.create({ userId: id, label: HIDDEN });
    return { id, token: made.token, tokenId: made.id };
  };
  const [olga, mia] = [await person("olga"), await person("mia")];
  const org = (await town.store.orgs.create({ username: "acme", ownerId: olga.id })).id;
  const to = { json: { username: "mia", role: "member" }, token: olga.token };
  const offer = await town.expect(201, "POST", `/v3/orgs/${org}/invitations`, to);
  await town.expect(201, "POST", `/v3/me/invitations/${offer.json.id}/accept`, { token: mia.token });
  const stage = new Stage(town, { olga, mia, org });
  await stage.furnish();
  return stage;
}

interface Person {
  readonly id: string;
  readonly token: string;
  readonly tokenId: string;
}

export class Stage implements AsyncDisposable {
  readonly town: Town;
  readonly org: string;
  readonly tokens: Readonly<Record<Viewer, string>>;
  /** What there is one of each. */
  names: Names;
  readonly #looking: Database;
  readonly #vals = {} as Record<Privacy, Names>;
  #count = 0;

  constructor(town: Town, { olga, mia, org }: { olga: Person; mia: Person; org: string }) {
    this.town = town;
    this.#looking = new Database(join(town.folder, "hamlet.db"), { readonly: true });
    this.org = org;
    this.tokens = { owner: olga.token, member: mia.token, stranger: town.bob.token, anonymous: "" };
    this.names = {
      org_id: org,
      user_id: mia.id,
      owner_id: olga.id,
      token_id: olga.tokenId,
      username: "acme",
      unknown: UNKNOWN,
      grant_id: UNKNOWN,
      invite_id: UNKNOWN,
      version: "1",
      number: "1",
      key: `${HIDDEN}-key`,
      variable: HIDDEN,
      provider: "slack",
      account: `T${HIDDEN}`,
      host: `${HIDDEN}.example.com`,
    };
  }

  /** What is there to be seen, or not. */
  async furnish(): Promise<void> {
    for (const privacy of PRIVACIES) {
      const val = await this.fresh(privacy);
      this.#vals[privacy] = val;
      const at = `/v3/vals/${val.val_id}`;
      await this.as("owner", 201, "POST", `${at}/blob/${HIDDEN}-key`, { body: TOLD_TO_MEMBERS });
      const statement = `create table ${HIDDEN} (a)`;
      await this.as("owner", 200, "POST", `${at}/sqlite/execute`, { json: { statement } });
      this.#record(val, "acme");
    }
    const { file_id: fileId, trace_id } = this.#vals.private;
    await this.as("owner", 201, "POST", "/v3/domains", { json: { host: this.names.host, fileId } });
    const whom = { json: { email: `${HIDDEN}@example.org`, role: "member" } };
    const offer = await this.as("owner", 201, "POST", `/v3/orgs/${this.org}/invitations`, whom);
    await this.as("owner", 201, "POST", `/v3/orgs/${this.org}/blob/${HIDDEN}-key`, { body: TOLD_TO_MEMBERS });
    await this.as("owner", 201, "POST", `/v1/blob/${HIDDEN}-key`, { body: TOLD_TO_MEMBERS });
    const letter = { subject: TOLD_TO_MEMBERS, text: TOLD_TO_MEMBERS };
    await this.as("owner", 202, "POST", "/v1/email", { json: letter });
    const [mail] = (await this.as("owner", 200, "GET", "/v3/mails")).json.data;
    this.names = { ...this.names, mail_id: mail.id, invitation_id: offer.json.id, trace_id: trace_id! };
    // So that a stranger who follows has something to be shown.
    const own = await this.as("stranger", 201, "POST", "/v2/vals", {
      json: { name: "own", privacy: "private" },
    });
    this.names = { ...this.names, own_val: own.json.id, own_branch: await this.#mainOf(own.json.id) };
    this.#record({ val_id: own.json.id, file_id: OWN, branch_id: OWN, trace_id: "e".repeat(32) }, "Bob");
    await this.town.store.telemetry.flush();
  }

  /** A val of the organization with everything that belongs to one. */
  async fresh(privacy: Privacy): Promise<Names> {
    const mark = MARKS[privacy];
    const text = privacy === "private" ? `${mark} ${DEEP}` : mark;
    const name = `${mark}-${++this.#count}`;
    const files = [
      { path: "main.ts", type: "http", content: `export default () => new Response("${text}")` },
      { path: `lib/${mark}.ts`, type: "script", content: `// ${text}` },
      { path: "mail.ts", type: "email", content: `// ${text}` },
    ];
    const json = { name, privacy, description: text, orgId: this.org, files };
    const { id } = (await this.as("owner", 201, "POST", "/v2/vals", { json })).json;
    const main = await this.#mainOf(id);
    const [file] = (await this.as("owner", 200, "GET", `/v2/vals/${id}/files?path=main.ts`)).json.data;
    const branch = await this.as("owner", 201, "POST", `/v2/vals/${id}/branches`, { json: { name: mark } });
    const branched = `/v2/vals/${id}/files?path=main.ts&branch_id=${branch.json.id}`;
    await this.as("owner", 200, "PUT", branched, { json: { content: `// ${text} branched` } });
    const pull = { title: text, description: text, sourceBranchId: branch.json.id };
    await this.as("owner", 201, "POST", `/v3/vals/${id}/pulls`, { json: pull });
    const variable = { key: HIDDEN, value: TOLD_TO_MEMBERS, description: TOLD_TO_MEMBERS };
    await this.as("owner", 201, "POST", `/v2/vals/${id}/environment_variables`, { json: variable });
    const letter = { subject: TOLD_TO_MEMBERS, text: TOLD_TO_MEMBERS };
    const received = await this.as("owner", 202, "POST", `/v2/vals/${id}/files/email?path=mail.ts`, {
      ...{ json: letter, headers: { prefer: "respond-async" } },
    });
    const trace_id = this.#count.toString(16).padStart(32, "0");
    const found = {
      received_id: received.json.mailId,
      val_id: id,
      val_name: name,
      branch_id: main,
      branch: branch.json.id,
      file_id: file.id,
    };
    return { ...found, trace_id, job_id: await this.#jobOf(id, file.id) };
  }

  /** The val that is not to be changed. */
  val(privacy: Privacy): Names {
    return this.#vals[privacy];
  }

  as(viewer: Viewer, status: number, method: string, path: string, more: More = {}): Promise<Answer> {
    return this.town.expect(status, method, path, { ...more, token: this.tokens[viewer] });
  }

  /** One request, `{…}` filled in. What is sent as it happens is read as far as there is something. */
  async ask(viewer: Viewer, route: string, more: More, names: Names): Promise<Asked> {
    const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
    const [method = "", path = ""] = fill(route).split(" ");
    const { query = "", json, body, headers = {} } = more;
    const init = new Headers(headers);
    const token = this.tokens[viewer];
    if (token !== "") init.set("authorization", `Bearer ${token}`);
    if (json !== undefined) init.set("content-type", "application/json");
    const sent = json === undefined ? body : fill(JSON.stringify(json));
    const url = `http://api.localhost:3000${path}${fill(query)}`;
    const response = await this.town.api.fetch(new Request(url, { method, headers: init, body: sent }));
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const text = isStream ? await firstOf(response.body!, 2) : await response.text();
    return { status: response.status, text, headers: [...response.headers].join("\n") };
  }

  /** All rows that are the organization's, its members' or of its private val, as text; but for when tokens were used. */
  rows(): string[] {
    const { val_id, branch_id, branch, file_id } = this.#vals.private;
    const { token_id, invitation_id, mail_id, user_id, owner_id } = this.names;
    const ids = [this.org, val_id, branch_id, branch, file_id, token_id, invitation_id, mail_id, DEEP];
    const people = [user_id, owner_id];
    const tables = this.#looking.query("select name from sqlite_master where type = 'table'").all();
    return (tables as { name: string }[])
      .filter(({ name }) => !/^(sqlite_|search_)/.test(name))
      .flatMap(({ name }) => {
        const wanted = OF_PEOPLE.test(name) ? [...ids, ...people] : ids;
        const rows = this.#looking.query(`select * from ${name}`).all() as object[];
        const texts = rows.map((row) => JSON.stringify({ table: name, ...row, used_at: 0 }));
        return texts.filter((text) => wanted.some((id) => text.includes(id!)));
      })
      .sort();
  }

  /** What the store still does after earlier requests is done: it removes what is left of branches, and indexes. */
  async quiet(): Promise<void> {
    await this.town.store.settled();
    await this.town.store.search.settled();
  }

  /** Changes with each write of anybody's to the town's database. */
  state(): number {
    return (this.#looking.query("pragma data_version").get() as { data_version: number }).data_version;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#looking.close();
    await this.town[Symbol.asyncDispose]();
  }

  async #mainOf(valId: string): Promise<string> {
    return (await this.town.store.vals.branch(valId))!.id;
  }

  /** A mail that no attempt could deliver. */
  async #jobOf(valId: string, fileId: string): Promise<string> {
    const { inbox, jobs } = this.town.store;
    const about = { sender: TOLD_TO_MEMBERS, subject: TOLD_TO_MEMBERS, messageId: undefined };
    const to = [{ fileId, valId, userId: this.org, address: `${HIDDEN}@example.org` }];
    await inbox.add({ id: Bun.randomUUIDv7(), ...about, size: 1, head: "", hops: 0, to });
    const at = Date.now() + 1000;
    const claimed = await jobs.claim({ owner: "stage", now: at, leaseMs: 1, limit: 9, perVal: 9 });
    for (const one of claimed) if (one.fileId !== fileId) await jobs.postpone(one.id, "stage", at + 1e9);
    const job = claimed.find((one) => one.fileId === fileId)!;
    await jobs.finish(job, { outcome: "failed", error: TOLD_TO_MEMBERS, at, dead: true });
    return job.id;
  }

  #record(val: Names, username: string): void {
    const { val_id: valId = "", file_id: fileId = "", branch_id: branchId = "", trace_id: trace = "" } = val;
    const deployment = { username, valId, fileId, branchId, version: 1 };
    const text = username === "acme" ? TOLD_TO_MEMBERS : "own";
    const line = { deployment, worker: "w", level: "info", time: Date.now(), trace, text } as const;
    const { telemetry } = this.town.store;
    telemetry.recordLogs([{ ...line, stream: "stdout" }]);
    const full = { ...DEPLOYMENT, ...deployment };
    telemetry.recordRuns([
      { ...CALL, deployment: full, trace, url: `http://x/?${text}`, requestHeaders: text },
    ]);
  }
}

export interface Asked {
  readonly status: number;
  readonly text: string;
  readonly headers: string;
}

async function firstOf(body: ReadableStream<Uint8Array>, count: number): Promise<string> {
  const reader = body.getReader();
  let text = "";
  for (let at = 0; at < count; at++) {
    const { value } = await reader.read();
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return text;
}
