/** Mails that come in for vals, as the API shows them, and those that owners hand over themselves. */

import { expect, test } from "bun:test";
import { MAIL_BYTES, makeTown, type Town } from "./support/town.ts";

async function makeMailbox(privacy = "public") {
  const town = await makeTown();
  const valId = await town.val("letters", { privacy });
  const file = await town.file(valId, "mail.ts", "export default () => {}", "email");
  return {
    ...{ town, valId, file, address: file.links.email as string, asBob: { token: town.bob.token } },
    where: `/v2/vals/${valId}/files/email?path=mail.ts`,
    [Symbol.asyncDispose]: () => town[Symbol.asyncDispose](),
  };
}

const ASYNC = { prefer: "respond-async" };
const RAW = { ...ASYNC, "content-type": "message/rfc822" };

async function mailsOf(town: Town, valId: string, query = "") {
  return (await town.expect(200, "GET", `/v3/vals/${valId}/mails${query}`)).json;
}

async function rawOf(town: Town, valId: string, id: string) {
  return (await town.expect(200, "GET", `/v3/vals/${valId}/mails/${id}/raw`)).text;
}

test("a mail described in JSON is kept as a whole message, from whomever its writer says, and listed", async () => {
  await using made = await makeMailbox();
  const { town, valId, file, address, where } = made;
  const attachments = [{ content: "aGVsbG8=", filename: "a.txt", type: "text/plain" }];
  const mail = {
    from: { email: "eve@example.net", name: "Eve" },
    cc: ["cy@example.net", "di@example.net"],
    subject: "Grüße",
    text: "line one\nline two",
    html: "<p>hi</p>",
    headers: { "X-Kind": "test", "Message-ID": "<1@example.net>" },
    attachments,
  };
  const taken = await town.expect(202, "POST", where, { json: mail, headers: ASYNC });
  expect(taken.headers.get("preference-applied")).toBe("respond-async");
  const { data } = await mailsOf(town, valId);
  expect(data).toEqual([
    {
      id: taken.json.mailId,
      fileId: file.id,
      from: "eve@example.net",
      to: address,
      subject: "Grüße",
      messageId: "<1@example.net>",
      size: expect.any(Number),
      receivedAt: expect.any(String),
      state: "waiting",
      attempts: 0,
      error: null,
      traceId: null,
      links: { raw: `http://api.localhost:3000/v3/vals/${valId}/mails/${taken.json.mailId}/raw` },
    },
  ]);
  const raw = await rawOf(town, valId, taken.json.mailId);
  expect(raw).toStartWith(`Return-Path: <eve@example.net>\r\nDelivered-To: ${address}\r\n`);
  for (const line of ["From: Eve <eve@example.net>", "Cc: cy@example.net, di@example.net", "X-Kind: test"])
    expect(raw).toContain(`\r\n${line}\r\n`);
  expect(raw.replace(/\r\n/g, "")).not.toMatch(/[\r\n]/);
  const job = await town.store.jobs.find(taken.json.jobId);
  expect(job).toMatchObject({ kind: "email", fileId: file.id, payload: { mailId: taken.json.mailId } });
});

test("no body at all is a mail too, from the one who sends it", async () => {
  await using made = await makeMailbox();
  const { town, valId, address, where } = made;
  const { json } = await town.expect(202, "POST", where, { headers: ASYNC });
  const raw = await rawOf(town, valId, json.mailId);
  expect(raw).toContain("\r\nFrom: ann@example.org\r\n");
  expect(raw).toContain(`\r\nTo: ${address}\r\n`);
});

test("a raw mail is kept as it was sent, but for the ends of its lines", async () => {
  await using made = await makeMailbox();
  const { town, valId, where } = made;
  const body = "Subject: hello\nMessage-ID: <2@example.net>\n\nfirst\r\nsecond\rthird\n";
  const { json } = await town.expect(202, "POST", where, { body, headers: RAW });
  const raw = await rawOf(town, valId, json.mailId);
  expect(raw).toEndWith("Subject: hello\r\nMessage-ID: <2@example.net>\r\n\r\nfirst\r\nsecond\r\nthird\r\n");
  expect((await mailsOf(town, valId)).data[0]).toMatchObject({ subject: "hello", from: "ann@example.org" });
});

test("a raw mail flows: one beyond the bound is refused, and leaves nothing behind", async () => {
  await using made = await makeMailbox();
  const { town, valId, where } = made;
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(64 * 1024).fill(97));
    },
  });
  const refused = await town.call("POST", where, { body: endless, headers: RAW });
  expect([refused.status, refused.json.message]).toEqual([
    413,
    `A mail has at most ${MAIL_BYTES} bytes here.`,
  ]);
  expect(sent).toBeLessThan(100);
  expect((await mailsOf(town, valId)).data).toEqual([]);
});

test("what is no mail, or for no email file, is refused with a sentence", async () => {
  await using made = await makeMailbox();
  const { town, valId, where, asBob } = made;
  await town.file(valId, "s.ts");
  const to = (path: string) => `/v2/vals/${valId}/files/email?path=${path}`;
  const refusals = [
    [where, { body: "hello", headers: { "content-type": "text/plain" } }, 415, "Unsupported Media Type"],
    [where, { json: { from: "nobody" } }, 400, 'body/from has no address but "nobody"'],
    [where, { json: { headers: { "Content-Type": "text/html" } } }, 400, "body/headers/Content-Type is not"],
    [where, { json: { subject: "a\nb" } }, 400, "body/subject must not contain line breaks"],
    [to("s.ts"), { json: {} }, 400, "Only a file of type email gets mail. Change the file's type first"],
    [to("none.ts"), { json: {} }, 404, "File not found"],
    [`${where}&branch_id=${crypto.randomUUID()}`, { json: {} }, 404, "File not found"],
    [where, { json: {}, ...asBob }, 403, "Not authorized to change this val"],
  ] as const;
  for (const [path, options, status, message] of refusals) {
    const answer = await town.call("POST", path, options);
    expect([path, answer.status, answer.json.message]).toEqual([
      path,
      status,
      expect.stringContaining(message),
    ]);
  }
  expect((await mailsOf(town, valId)).data).toEqual([]);
});

test("mails are for the val's owner: not for who may read the val, nor for the token of another val of his", async () => {
  await using made = await makeMailbox();
  const { town, valId, where, asBob } = made;
  const { json } = await town.expect(202, "POST", where, { json: {}, headers: ASYNC });
  const raw = `/v3/vals/${valId}/mails/${json.mailId}/raw`;
  const other = await town.val("other");
  const token = (val: string) =>
    town.auth.mint({ valId: val, userId: town.ann.id, username: "ann" } as never).token;
  for (const path of [`/v3/vals/${valId}/mails`, raw]) {
    expect((await town.call("GET", path, asBob)).status).toBe(403);
    expect((await town.call("GET", path, { token: token(other) })).status).toBe(403);
    expect((await town.call("GET", path, { token: token(valId) })).status).toBe(200);
    expect((await town.call("GET", path, { token: await town.token("val:read") })).status).toBe(403);
  }
  expect((await town.call("GET", raw.replace(valId, other))).status).toBe(404);
  expect((await town.call("GET", `/v3/vals/${valId}/mails/${crypto.randomUUID()}/raw`)).status).toBe(404);
  await using hidden = await makeMailbox("private");
  const path = `/v3/vals/${hidden.valId}/mails`;
  expect((await hidden.town.call("GET", path, hidden.asBob)).status).toBe(404);
});

test("the list has pages, and a file's own mails", async () => {
  await using made = await makeMailbox();
  const { town, valId, file, where } = made;
  const two = await town.file(valId, "two.ts", "", "email");
  const ids: string[] = [];
  for (const path of [where, where, where.replace("mail.ts", "two.ts")])
    ids.unshift((await town.expect(202, "POST", path, { json: {}, headers: ASYNC })).json.mailId);
  const first = await mailsOf(town, valId, "?limit=2");
  expect(first.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  expect(first.links.next).toContain("offset=2");
  const own = await mailsOf(town, valId, `?file_id=${two.id}`);
  expect(own.data.map(({ fileId }: { fileId: string }) => fileId)).toEqual([two.id]);
  const others = await mailsOf(town, valId, `?file_id=${file.id}`);
  expect(others.data).toHaveLength(2);
});

test("a mail that is delivered is no longer kept, and the list says so", async () => {
  await using made = await makeMailbox();
  const { town, valId, where } = made;
  const { json } = await town.expect(202, "POST", where, { json: {}, headers: ASYNC });
  const { jobs } = town.store;
  const at = Date.now();
  const [job] = await jobs.claim({ owner: "test", now: at, leaseMs: 1000, limit: 1, perVal: 1 });
  await jobs.begin(job!, { trace: "a-trace", at });
  await jobs.finish(job!, { outcome: "ok", at });
  const { data } = await mailsOf(town, valId);
  expect(data[0]).toMatchObject({ state: "delivered", traceId: "a-trace", attempts: 1, links: {} });
  expect((await town.call("GET", `/v3/vals/${valId}/mails/${json.mailId}/raw`)).status).toBe(404);
});
