/** The whole way of two people through one town, each step judged by what it brings about. */

import { expect, test } from "bun:test";
import { startNameServer } from "./support/name-server.ts";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";

const PASSWORD = "correct horse";
const HOST = "greet.example.org";
const greeting = (word: string) => `export default () => new Response("${word}");`;

// biome-ignore lint/suspicious/noExplicitAny: the journey reads many shapes, each of which has its own test
type Json = any;

/** Somebody who works with a token. */
class Person {
  readonly #hamlet: TestHamlet;
  readonly #token: string;

  constructor(hamlet: TestHamlet, token: string) {
    this.#hamlet = hamlet;
    this.#token = token;
  }

  fetch(method: string, path: string, init: RequestInit & { json?: unknown } = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return this.#hamlet.api(path, { ...init, method, headers });
  }

  async ask(status: number, method: string, path: string, json?: unknown): Promise<Json> {
    const answer = await this.fetch(method, path, { json });
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  save(valId: string, content: string, query: object = {}): Promise<Json> {
    const where = new URLSearchParams({ path: "main.ts", ...query });
    return this.ask(200, "PUT", `/v2/vals/${valId}/files?${where}`, { content });
  }

  async fileOf(valId: string, query: object = {}): Promise<Json> {
    const where = new URLSearchParams({ path: "main.ts", ...query });
    return (await this.ask(200, "GET", `/v2/vals/${valId}/files?${where}`)).data[0];
  }
}

class Journey {
  readonly hamlet: TestHamlet;
  readonly ann: Person;
  bob!: Person;
  annId = "";
  orgId = "";
  valId = "";

  /** @param token of the first user, `me`, who runs the town */
  constructor(hamlet: TestHamlet, token: string) {
    this.hamlet = hamlet;
    this.ann = new Person(hamlet, token);
  }

  /** What visitors read there; the status where it is not 200. */
  async visit(host: string): Promise<string | number> {
    const full = host.includes(".") ? host : `${host}.web.localhost`;
    const { status, body } = await this.hamlet.request(full);
    return status === 200 ? body.toString() : status;
  }

  /** By a link of the operator's, a form, and a token made in the new account's session. */
  async secondPersonArrives(): Promise<void> {
    const { url } = await this.ann.ask(201, "POST", "/v3/admin/invites", {});
    const { origin, searchParams } = new URL(url);
    const form = { username: "bob", password: PASSWORD };
    const send = (body: string | URLSearchParams, path: string, headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${this.hamlet.port}${path}`, {
        ...{ method: "POST", body, redirect: "manual" },
        headers: { host: new URL(origin).host, origin, ...headers },
      });
    const signUp = (more: object) => send(new URLSearchParams({ ...form, ...more }), "/auth/sign-up", {});
    expect((await signUp({})).status).toBe(403);
    const invite = searchParams.get("invite")!;
    const signedUp = await signUp({ invite });
    expect([signedUp.status, signedUp.headers.get("location")]).toEqual([303, "/"]);
    expect((await signUp({ invite, username: "carl" })).status).toBe(403);
    const cookie = signedUp.headers.getSetCookie()[0]!.split(";")[0]!;
    const json = { "content-type": "application/json", cookie };
    const made = await send(JSON.stringify({ label: "work" }), "/api/v3/me/tokens", json);
    this.bob = new Person(this.hamlet, ((await made.json()) as { token: string }).token);
    expect((await this.bob.ask(200, "GET", "/v1/me")).username).toBe("bob");
  }

  /** It owns a val that both may change. */
  async theyFoundAnOrg(): Promise<void> {
    this.annId = (await this.ann.ask(200, "GET", "/v1/me")).id;
    this.orgId = (await this.ann.ask(201, "POST", "/v3/orgs", { username: "guild" })).id;
    const files = [{ path: "main.ts", type: "http", content: greeting("one") }];
    const val = { name: "greet", privacy: "private", orgId: this.orgId, files };
    this.valId = (await this.ann.ask(201, "POST", "/v2/vals", val)).id;
    expect(await this.visit("guild-greet")).toBe("one");
    await this.bob.ask(404, "GET", `/v2/vals/${this.valId}`);
    await this.ann.ask(201, "POST", `/v3/orgs/${this.orgId}/invitations`, { username: "bob" });
    const [invitation] = (await this.bob.ask(200, "GET", "/v3/me/invitations?limit=10&offset=0")).data;
    expect(invitation.org.username).toBe("guild");
    await this.bob.ask(201, "POST", `/v3/me/invitations/${invitation.id}/accept`);
    expect((await this.bob.ask(200, "GET", `/v2/vals/${this.valId}`)).name).toBe("greet");
  }

  /** Bob's branch has an endpoint of its own, until Ann takes it into main. */
  async bobProposesAChange(): Promise<void> {
    const branch = await this.bob.ask(201, "POST", `/v2/vals/${this.valId}/branches`, { name: "two" });
    await this.bob.save(this.valId, greeting("two"), { branch_id: branch.id });
    const { links } = await this.bob.fileOf(this.valId, { branch_id: branch.id });
    const branchHost = new URL(links.endpoint).hostname;
    expect([await this.visit(branchHost), await this.visit("guild-greet")]).toEqual(["two", "one"]);
    const proposal = { title: "Say two", sourceBranchId: branch.id };
    const pull = await this.bob.ask(201, "POST", `/v3/vals/${this.valId}/pulls`, proposal);
    const at = `/v3/vals/${this.valId}/pulls/${pull.number}`;
    expect((await this.ann.ask(200, "GET", `${at}/diff`)).files).toMatchObject([{ path: "main.ts" }]);
    await this.ann.ask(200, "POST", `${at}/merge`, {});
    expect(await this.visit("guild-greet")).toBe("two");
    expect((await this.bob.ask(200, "GET", at)).state).toBe("merged");
    await this.ann.ask(204, "DELETE", `/v2/vals/${this.valId}/branches/${branch.id}`);
    expect(await this.visit(branchHost)).toBe(404);
  }

  async bobRemixes(): Promise<void> {
    const remix = await this.bob.ask(201, "POST", `/v3/vals/${this.valId}/remix`, { name: "mine" });
    expect([remix.origin.valId, await this.visit("bob-mine")]).toEqual([this.valId, "two"]);
    await this.bob.save(remix.id, greeting("mine"));
    expect([await this.visit("bob-mine"), await this.visit("guild-greet")]).toEqual(["mine", "two"]);
  }

  /** The old addresses lead there all the same. */
  async itIsRenamedAndTransferred(): Promise<void> {
    await this.ann.ask(200, "PATCH", `/v3/vals/${this.valId}`, { name: "welcome" });
    expect([await this.visit("guild-welcome"), await this.visit("guild-greet")]).toEqual(["two", "two"]);
    const to = { ownerId: this.annId };
    await this.bob.ask(403, "POST", `/v3/vals/${this.valId}/transfer`, to);
    await this.ann.ask(200, "POST", `/v3/vals/${this.valId}/transfer`, to);
    expect([await this.visit("me-welcome"), await this.visit("guild-greet")]).toEqual(["two", "two"]);
    await this.bob.ask(404, "GET", `/v2/vals/${this.valId}`);
  }

  async itGetsADomain(records: Map<string, readonly string[]>): Promise<void> {
    const fileId = (await this.ann.fileOf(this.valId)).id;
    const { verification, target } = await this.ann.ask(201, "POST", "/v3/domains", { host: HOST, fileId });
    expect([target, await this.visit(HOST)]).toEqual(["domains.web.localhost", 404]);
    await this.ann.ask(404, "GET", `/v3/domains/ask?domain=${HOST}`);
    records.set(verification.name, [verification.value]);
    await this.ann.ask(200, "POST", `/v3/domains/${HOST}/verify`);
    await this.ann.ask(200, "GET", `/v3/domains/ask?domain=${HOST}`);
    expect(await this.visit(HOST)).toBe("two");
  }

  async aScriptRuns(): Promise<void> {
    const content = `console.log("counting"); export default [1, 2, 3].length;`;
    const file = { type: "script", content };
    await this.ann.ask(201, "POST", `/v2/vals/${this.valId}/files?path=count.ts`, file);
    const run = await this.ann.ask(200, "POST", `/v3/vals/${this.valId}/run`, { path: "count.ts" });
    expect(run).toMatchObject({ status: "ok", value: "3", logs: [{ text: "counting" }] });
  }

  async aCallIsSeenLive(): Promise<void> {
    const leaving = new AbortController();
    const query = `?val_id=${this.valId}`;
    const live = await this.ann.fetch("GET", `/v3/live/traces${query}`, { signal: leaving.signal });
    expect(live.headers.get("content-type")).toStartWith("text/event-stream");
    expect(await this.visit(HOST)).toBe("two");
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of live.body!) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes(HOST)) break;
    }
    expect(text).toContain("event: trace");
    leaving.abort();
    const strangers = await this.bob.ask(200, "GET", "/v1/telemetry/traces?limit=100");
    expect(JSON.stringify(strangers.data)).not.toContain(HOST);
  }

  async itIsReverted(): Promise<void> {
    const { data } = await this.ann.ask(200, "GET", `/v3/vals/${this.valId}/versions?limit=100&offset=0`);
    const first = data.findLast((one: Json) => one.version >= 1).version;
    await this.ann.ask(200, "POST", `/v3/vals/${this.valId}/revert`, { version: first, path: "main.ts" });
    expect([await this.visit("me-welcome"), await this.visit(HOST)]).toEqual(["one", "one"]);
  }

  /** Ann's whole account becomes vals of Bob's, which run. */
  async anAccountMoves(): Promise<void> {
    await this.ann.ask(201, "POST", `/v2/vals/${this.valId}/environment_variables`, {
      key: "WORD",
      value: "x",
    });
    const archive = await this.ann.fetch("GET", "/v3/me/export");
    expect(archive.headers.get("content-type")).toBe("application/x-tar");
    const body = await archive.bytes();
    const imported = await (await this.bob.fetch("POST", "/v3/import", { body })).json();
    expect(imported).toMatchObject({
      vals: [{ name: "welcome", status: "made", build: "ok", missingVariables: ["WORD"] }],
    });
    expect(await this.visit("bob-welcome")).toBe("one");
  }

  /** What was Bob's goes with him, and nothing else. */
  async bobLeaves(): Promise<void> {
    await this.bob.ask(403, "DELETE", "/v3/me", { password: "wrong horse" });
    await this.bob.ask(204, "DELETE", "/v3/me", { password: PASSWORD });
    await this.bob.ask(401, "GET", "/v1/me");
    expect([await this.visit("bob-welcome"), await this.visit("bob-mine")]).toEqual([404, 404]);
    expect([await this.visit("me-welcome"), await this.visit(HOST)]).toEqual(["one", "one"]);
    const members = await this.ann.ask(200, "GET", `/v2/orgs/${this.orgId}/memberships`);
    expect(members.map(({ user }: Json) => user.username)).toEqual(["me"]);
  }
}

test("two people meet in a town, work together, and one of them leaves", async () => {
  using dns = await startNameServer();
  await using hamlet = await startHamlet({ args: ["--dns-server", dns.address] });
  const journey = new Journey(hamlet, (await addUser(hamlet.data, "me")).token);
  await journey.secondPersonArrives();
  await journey.theyFoundAnOrg();
  await journey.bobProposesAChange();
  await journey.bobRemixes();
  await journey.itIsRenamedAndTransferred();
  await journey.itGetsADomain(dns.records);
  await journey.aScriptRuns();
  await journey.aCallIsSeenLive();
  await journey.itIsReverted();
  await journey.anAccountMoves();
  await journey.bobLeaves();
}, 60_000);
