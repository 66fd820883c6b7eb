/** Mails over the REST interface of a whole Hamlet, by Val Town's own client, and through a kill. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import ValTown from "@valtown/sdk";
import { makeTempFolder, runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";
import { startRelay } from "./support/smtp.ts";
import { eventually } from "./support/telemetry.ts";

let hamlet: TestHamlet;

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--mail-domain", "town.example"] });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
async function get(path: string, status = 200): Promise<any> {
  const answer = await hamlet.api(path);
  expect(answer.status).toBe(status);
  return answer.json();
}

const post = (json: unknown) => hamlet.api("/v1/email", { json });

test("Val Town's own client sends a mail, and one with nothing in it", async () => {
  const client = new ValTown({ bearerToken: hamlet.token, baseURL: `http://127.0.0.1:${hamlet.port}/api` });
  expect((await client.emails.send({})).message).toStartWith("Email kept, not sent: no mail relay");
  const mail = {
    to: { email: "a@example.org", name: "A" },
    replyToList: [{ email: "b@example.org" }],
    subject: "Hello",
    html: "<p>Hello</p>",
    attachments: [{ content: "aGVsbG8=", filename: "a.txt" }],
  };
  await client.emails.send(mail);
  const { data } = await get("/v3/mails?limit=1");
  expect(data[0]).toMatchObject({ state: "kept", subject: "Hello", to: [mail.to], valId: null });
  const { content } = await get(`/v3/mails/${data[0].id}`);
  expect(content).toMatchObject({
    html: "<p>Hello</p>",
    text: null,
    replyTo: [{ email: "b@example.org" }],
    attachments: [{ filename: "a.txt", type: null, size: 5 }],
  });
});

test("no body at all is a mail to oneself", async () => {
  const answer = await hamlet.api("/v1/email", { method: "POST" });
  expect(answer.status).toBe(202);
});

test("mails are listed page by page, to their sender alone", async () => {
  for (const subject of ["1", "2", "3"]) expect((await post({ subject })).status).toBe(202);
  const page = await get("/v3/mails?limit=2");
  expect(page.data.map(({ subject }: { subject: string }) => subject)).toEqual(["3", "2"]);
  expect(page.links.next).toContain("offset=2");
  const stranger = await runHamlet(["user", "add", "stranger", "--data", hamlet.data]);
  const headers = { authorization: `Bearer ${JSON.parse(stranger.out).token}` };
  const theirs = await hamlet.api("/v3/mails", { headers });
  expect(((await theirs.json()) as { data: unknown[] }).data).toEqual([]);
  const one = `/v3/mails/${page.data[0].id}`;
  expect((await hamlet.api(one, { headers })).status).toBe(404);
  expect((await hamlet.api(one)).status).toBe(200);
});

describe("what is refused", () => {
  const file = { content: "", filename: "a" };
  const REFUSED: readonly [string, unknown, string][] = [
    ["51 recipients", { to: Array.from({ length: 51 }, () => "a@example.org") }, "body/to"],
    [
      "11 addresses to answer to",
      { replyToList: Array.from({ length: 11 }, () => "a@example.org") },
      "replyToList",
    ],
    ["6 files", { attachments: [file, file, file, file, file, file] }, "body/attachments"],
    [
      "51 headers",
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`X-${i}`, ""])) },
      "headers",
    ],
    ["an empty html", { html: "" }, "body/html"],
    ["a from that is too long", { from: `${"a".repeat(320)}@b` }, "body/from"],
    ["a name that is too long", { to: { email: "a@b.example", name: "a".repeat(257) } }, "body/to"],
    ["a subject that is no text", { subject: 1 }, "body/subject"],
    ["a line break", { subject: "a\nb" }, "body/subject"],
    ["another one's name", { from: "me.hello@town.example" }, "must be tester.{name of a val}@town.example"],
    ["a list", [1], "body"],
  ];
  test.each(REFUSED)("%s", async (_, json, words) => {
    const answer = await post(json);
    const { message } = (await answer.json()) as { message: string };
    expect([answer.status, message]).toEqual([400, expect.stringContaining(words)]);
  });

  test("a body that is not JSON, or does not say so", async () => {
    const body = new TextEncoder().encode("{}") as unknown as string;
    expect((await hamlet.api("/v1/email", { body })).status).toBe(415);
    const answer = await hamlet.api("/v1/email", {
      body: "to=a@example.org",
      headers: { "content-type": "text/plain" },
    });
    expect(answer.status).toBe(415);
  });

  test("a token without the scope", async () => {
    const args = ["token", "create", "--user", "tester", "--scopes", "email:read", "--data", hamlet.data];
    const headers = { authorization: `Bearer ${JSON.parse((await runHamlet(args)).out).token}` };
    expect((await hamlet.api("/v1/email", { json: {}, headers })).status).toBe(403);
    expect((await hamlet.api("/v3/mails", { headers })).status).toBe(200);
    expect((await hamlet.api("/v3/mails", { headers: { authorization: "Bearer no" } })).status).toBe(401);
  });

  test("more than 30 MB, but nothing below; each megabyte counts as a mail", async () => {
    const base64 = (bytes: number) => Buffer.alloc(bytes).toString("base64");
    const three = (bytes: number) =>
      Array.from({ length: 3 }, () => ({ content: base64(bytes), filename: "a" }));
    await using other = await startHamlet();
    const mail = (json: unknown) => other.api("/v1/email", { json });
    expect((await mail({ attachments: three(9_900_000) })).status).toBe(202);
    expect((await mail({ attachments: three(11_000_000) })).status).toBe(413);
    const late = await mail({ attachments: three(9_900_000) });
    expect([late.status, Number(late.headers.get("retry-after")) > 5]).toEqual([429, true]);
    expect((await mail({})).status).toBe(202);
  });

  test("more than 100 a minute, with the time to wait", async () => {
    let last = await post({});
    for (let sent = 0; sent < 120 && last.status === 202; sent++) last = await post({});
    expect(last.status).toBe(429);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await last.text()).toContain("100 mails or megabytes a minute");
  });
});

test("a mail that was accepted is sent, though the server is killed before it is", async () => {
  using folder = makeTempFolder();
  await using relay = await startRelay();
  const options = { data: folder.path, env: { HAMLET_SMTP_URL: relay.url } };
  const first = await startHamlet(options);
  const begins = relay.begins();
  const pending = first
    .api("/v1/email", { json: { to: "slow@example.org", subject: "survivor" } })
    .catch(() => {});
  await begins;
  await first.stop("SIGKILL");
  await pending;
  expect(relay.mails).toEqual([]);
  relay.release();
  await using second = await startHamlet(options);
  const subjects = new Set<string>();
  const ids = new Set<string>();
  await eventually(async () => {
    const answer = await second.api("/v3/mails");
    const { data } = (await answer.json()) as { data: { state: string }[] };
    return data[0]?.state === "sent" ? true : undefined;
  });
  for (const { mail } of relay.mails) {
    subjects.add(mail.subject);
    ids.add(mail.messageId);
  }
  // Perhaps twice, for the relay may have taken it just before the kill; then as the same mail.
  expect([subjects, ids.size]).toEqual([new Set(["survivor"]), 1]);
}, 60_000);
