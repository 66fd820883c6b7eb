/** What the fuzzer's requests are about: people, vals and all that belongs to them, so that they meet more than a 404. */

import { openStore, type Store } from "../../src/store/store.ts";
import type { TestHamlet } from "../support/server.ts";
import { type Description, type Operation, operationsOf, Pools } from "./operations.ts";
import { type Random, Schemas } from "./schema.ts";

/** Who sends a request. */
export interface Actor {
  readonly name: "owner" | "stranger" | "anonymous" | "reader" | "worker" | "operator";
  readonly token: string | undefined;
}

/** In everything private of a user who never acts; nobody may be told it. */
export const SECRET = "zq7privatezq7";

const TELLS_ITS_TOKEN = "export default () => new Response(Deno.env.get('VAL_TOWN_API_KEY'));";

export class World implements AsyncDisposable {
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
  readonly pools = new Pools();
  readonly #hamlet: TestHamlet;
  readonly #store: Store;
  #actors: readonly Actor[] = [];
  #operator: Actor | undefined;
  #round = 0;
  /** Whom no request may be about: a town whose operator gave up being one, or was shut out, is at its end. */
  operatorId = "";

  private constructor(hamlet: TestHamlet, store: Store, description: Description) {
    this.#hamlet = hamlet;
    this.#store = store;
    this.operations = operationsOf(description);
    this.schemas = new Schemas(description.components.schemas);
  }

  static async make(hamlet: TestHamlet): Promise<World> {
    const description = (await (await hamlet.api("/openapi.json")).json()) as Description;
    const world = new World(hamlet, await openStore({ folder: hamlet.data }), description);
    await world.#makePrivate();
    await world.renew();
    return world;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#store.close();
  }

  /** The operator only does what is theirs: as one more user they would find nothing that the owner does not. */
  actorFor({ path }: Operation, random: Random): Actor {
    const operates = path.startsWith("/v3/admin/") && random(2) === 0;
    return operates ? this.#operator! : this.#actors[random(this.#actors.length)]!;
  }

  /** Random requests delete and rename what they are about; from time to time there must be something again. */
  async renew(): Promise<void> {
    this.#round++;
    this.pools.clear();
    const owner = await this.#tokenOf("owner");
    const stranger = await this.#tokenOf("stranger");
    await this.#admit("owner", "stranger");
    await this.#makeVal(owner);
    this.#actors = [
      { name: "owner", token: owner },
      { name: "owner", token: owner },
      { name: "owner", token: owner },
      { name: "stranger", token: stranger },
      { name: "anonymous", token: undefined },
      { name: "reader", token: await this.#reader() },
      { name: "worker", token: await this.#worker(owner) },
    ];
  }

  /** The operator may have shut them out, or made one of them another operator. */
  async #admit(...usernames: string[]): Promise<void> {
    const token = await this.#tokenOf("me");
    this.#operator = { name: "operator", token };
    this.operatorId = (await this.#call(token, "GET", "/v1/alias/me")).id;
    for (const username of usernames) {
      const { id } = await this.#call(token, "GET", `/v1/alias/${username}`);
      await this.#call(token, "PATCH", `/v3/admin/users/${id}`, { suspended: false, admin: false });
    }
  }

  async #makeVal(token: string): Promise<void> {
    const name = `fuzz${this.#round}`;
    const files = [
      { path: "main.ts", type: "script", content: "export const a = 1;\n" },
      { path: "lib/notes.md", type: "file", content: "Notes.\n" },
      { path: "page.ts", type: "http", content: TELLS_ITS_TOKEN },
    ];
    const val = await this.#call(token, "POST", "/v2/vals", { name, privacy: "public", files });
    const at = `/v2/vals/${val.id}`;
    const branch = (await this.#call(token, "GET", `${at}/branches`)).data[0];
    const listed = (await this.#call(token, "GET", `${at}/files?path=&recursive=true`)).data;
    await this.#call(token, "POST", `${at}/environment_variables`, { key: "KEY", value: "1" });
    await this.#call(token, "POST", "/v1/blob/key", { some: "json" });
    await this.#call(token, "POST", "/v1/email", { subject: "hello" });
    const mail = (await this.#call(token, "GET", "/v3/mails")).data[0];
    await this.#makeBranch(token, val.id);
    await this.#makeOrg(token);
    const { pools } = this;
    pools.add("val_id", val.id, val.id, val.id, "self");
    pools.add("branch_id", branch.id, branch.id);
    pools.add("branch_ids", branch.id);
    for (const file of listed) pools.add("file_id", file.id);
    pools.add("user_id", val.author.id);
    pools.add("username", "owner", "stranger");
    pools.add("val_name", name);
    pools.add("path", "main.ts", "lib", "page.ts", "lib/notes.md", "", "new.ts");
    pools.add("key", "KEY", "key");
    pools.add("mail_id", mail.id);
    pools.add("version", "1", "0", "2", "v2");
    pools.add("cursor", new Date().toISOString());
    for (const name of ["statement", "sql"]) pools.add(name, "select 1", "create table if not exists t (a)");
  }

  /** A fork with a change, and the proposal to merge it. */
  async #makeBranch(token: string, valId: string): Promise<void> {
    const at = `/v2/vals/${valId}`;
    const { id } = await this.#call(token, "POST", `${at}/branches`, { name: `dev${this.#round}` });
    await this.#call(token, "PUT", `${at}/files?path=main.ts&branch_id=${id}`, { content: "export {};\n" });
    const pull = { title: "A change", sourceBranchId: id };
    const { number } = await this.#call(token, "POST", `/v3/vals/${valId}/pulls`, pull);
    this.pools.add("branch_id", id, id);
    this.pools.add("number", String(number));
    this.pools.add("from", "1");
  }

  /** An organization with an invitation that the stranger has not answered. */
  async #makeOrg(token: string): Promise<void> {
    const org = await this.#call(token, "POST", "/v3/orgs", { username: `org${this.#round}` });
    const invitation = { username: "stranger" };
    const { id } = await this.#call(token, "POST", `/v3/orgs/${org.id}/invitations`, invitation);
    this.pools.add("org_id", org.id, org.id);
    this.pools.add("invitation_id", id, id);
  }

  async #worker(token: string): Promise<string | undefined> {
    const name = `worker${this.#round}`;
    const files = [{ path: "main.ts", type: "http", content: TELLS_ITS_TOKEN }];
    await this.#call(token, "POST", "/v2/vals", { name, privacy: "public", files });
    const host = `owner-${name}.web.${new URL(String(this.#hamlet.firstLine.url)).host}`;
    return (await this.#hamlet.request(host)).bodyText;
  }

  async #reader(): Promise<string> {
    const { users, tokens } = this.#store;
    const owner = (await users.findByName("owner"))!;
    const scopes = ["val:read", "user:read", "blob:read", "sqlite:read", "telemetry:read"] as const;
    return (await tokens.create({ userId: owner.id, scopes })).token;
  }

  /** Of somebody who is made if not there. */
  async #tokenOf(username: string): Promise<string> {
    const { users, tokens } = this.#store;
    const user = (await users.findByName(username)) ?? (await users.create({ username }));
    return (await tokens.create({ userId: user.id })).token;
  }

  async #makePrivate(): Promise<void> {
    const token = await this.#tokenOf("hermit");
    const val = { name: SECRET, description: SECRET, privacy: "private" };
    const files = [{ path: `${SECRET}.ts`, type: "http", content: `export default () => "${SECRET}";` }];
    const { id } = await this.#call(token, "POST", "/v2/vals", { ...val, files });
    await this.#call(token, "POST", `/v1/blob/${SECRET}`, { text: SECRET });
    await this.#call(token, "POST", "/v1/email", { subject: SECRET, text: SECRET });
    await this.#call(token, "POST", `/v2/vals/${id}/environment_variables`, { key: SECRET, value: SECRET });
    this.pools.add("hermit", id);
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of many kinds, of which a few fields are taken
  async #call(token: string, method: string, path: string, json?: unknown): Promise<any> {
    const init = { method, headers: { authorization: `Bearer ${token}` }, json };
    const answer = await this.#hamlet.api(path, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return answer.headers.get("content-type")?.includes("json") && text !== "" ? JSON.parse(text) : undefined;
  }
}
