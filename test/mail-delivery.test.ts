/** Mails that an owner delivers to his own file, through a whole Hamlet: spool, queue, worker, and what he hears of it. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

const TELLS = `export default async (email: Email) => {
  console.log("from", email.from, "to", email.to.length, email.subject);
  if (email.subject === "throw") throw new TypeError("no such luck");
  console.log(email.text?.trim(), email.attachments.map((one) => one.name).join());
};`;

let hamlet: TestHamlet;
let val: TestVal;
beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--pool", "0", "--mail-domain", "mail.example"] });
  val = await hamlet.val("letters", { "mail.email.ts": TELLS, "other.ts": "export {}" });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const where = () => `/v2/vals/${val.id}/files/email?path=mail.email.ts`;
const spooled = () => readdirSync(join(hamlet.data, "mails"));

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
const get = async (path: string): Promise<any> => (await hamlet.api(path)).json();

// biome-ignore lint/suspicious/noExplicitAny: as above
async function deliver(json: unknown, status = 200, headers: Record<string, string> = {}): Promise<any> {
  const answer = await hamlet.api(where(), { method: "POST", json, headers });
  expect([answer.status, status === answer.status ? "" : await answer.text()]).toEqual([status, ""]);
  return answer.json();
}

test("a mail described in JSON runs the file, and the answer has its log, as the trace has", async () => {
  const attachments = [{ content: "aGVsbG8=", filename: "a.txt" }];
  const mail = { from: "Eve <eve@example.net>", subject: "Grüße", text: "Guten Tag", attachments };
  const run = await deliver(mail);
  expect(run).toMatchObject({ status: "ok", version: 2, droppedLogs: 0 });
  const lines = run.logs.map(({ text }: { text: string }) => text);
  expect(lines).toEqual(["from Eve <eve@example.net> to 1 Grüße", "Guten Tag a.txt"]);
  const trace = await get(`/v3/traces/${run.traceId}`);
  expect(trace.logs.map(({ text }: { text: string }) => text)).toEqual(lines);
  const { data } = await get(`/v3/vals/${val.id}/mails`);
  expect(data[0]).toMatchObject({ state: "delivered", from: "eve@example.net", traceId: run.traceId });
  // The answer does not wait for it.
  while (spooled().length > 0) await Bun.sleep(10);
}, 60_000);

test("a raw mail does so too, and one whose handler throws is told so and not tried again", async () => {
  const body = "From: eve@example.net\nSubject: throw\n\nhello\n";
  const headers = { "content-type": "message/rfc822" };
  const answer = await hamlet.api(where(), { method: "POST", body, headers });
  const run = await answer.json();
  expect([answer.status, run]).toEqual([
    200,
    expect.objectContaining({
      status: "failed",
      reason: "val_threw",
      error: expect.objectContaining({ name: "TypeError", message: "no such luck" }),
    }),
  ]);
  const { data } = await get(`/v3/vals/${val.id}/mails`);
  expect(data[0]).toMatchObject({ state: "failed", attempts: 1, error: "TypeError: no such luck" });
  // The answer does not wait for it.
  while (spooled().length > 0) await Bun.sleep(10);
}, 60_000);

test("with events the log comes while it runs, the beginning first and the result last", async () => {
  const headers = { accept: "text/event-stream" };
  const answer = await hamlet.api(where(), { method: "POST", json: { subject: "live" }, headers });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const events = [...(await answer.text()).matchAll(/^event: (\w+)/gm)].map(([, event]) => event);
  expect(events).toEqual(["start", "log", "log", "result"]);
}, 60_000);

test("who does not want to wait is answered at once, and the mail is delivered all the same", async () => {
  const taken = await deliver({ subject: "later" }, 202, { prefer: "respond-async" });
  expect([typeof taken.mailId, typeof taken.jobId]).toEqual(["string", "string"]);
  // One that is waited for, so that the one before it is on its way at least.
  await deliver({ subject: "after" });
  const list = async () => (await get(`/v3/vals/${val.id}/mails`)).data;
  const mail = (await list()).find(({ id }: { id: string }) => id === taken.mailId);
  expect(["waiting", "delivered"]).toContain(mail.state);
}, 60_000);

test("the file can be invoked with a mail as well", async () => {
  const files = await get(`/v2/vals/${val.id}/files?path=mail.email.ts`);
  const json = { email: { subject: "invoked", text: "x" } };
  const answer = await hamlet.api(`/v3/files/${files.data[0].id}/invoke`, { method: "POST", json });
  const run = (await answer.json()) as { status: string; logs: { text: string }[] };
  expect([answer.status, run.status, run.logs[0]?.text]).toEqual([
    200,
    "ok",
    expect.stringContaining("invoked"),
  ]);
}, 60_000);

test("a val writes to another one without a relay, where one is written to that is of this town", async () => {
  const sender = await hamlet.val(
    "sender",
    `import { email } from "https://esm.town/v/std/email";
    export default async (request: Request) => {
      const to = new URL(request.url).searchParams.getAll("to");
      return Response.json(await email({ to, subject: "from a val", text: "hi" }));
    };`,
  );
  const write = async (...to: string[]) => {
    const query = to.map((one) => `to=${encodeURIComponent(one)}`).join("&");
    return (await (await hamlet.fetch(sender, `/?${query}`)).json()) as { message: string };
  };
  const here = "tester.letters+tag@mail.example";
  expect(await write(here)).toEqual({ message: "Email sent" });
  expect((await write(here, "eve@example.net")).message).toStartWith("Email kept, not sent: no mail relay");
  await deliver({ subject: "after" });
  const received = (await get(`/v3/vals/${val.id}/mails`)).data;
  const found = received.filter(({ subject }: { subject: string }) => subject === "from a val");
  expect(found.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
    ["notifications@mail.example", here],
    ["notifications@mail.example", here],
  ]);
  const { data } = await get("/v3/mails");
  expect(data.map(({ state, error }: { state: string; error: string }) => [state, error])).toEqual([
    ["kept", `Delivered to ${here} alone: no mail relay is configured in this town.`],
    ["sent", null],
  ]);
}, 60_000);

test("a val that writes to itself is not delivered to, and is told so", async () => {
  const echo = await hamlet.val("echo", {
    "mail.email.ts": `import { email } from "https://esm.town/v/std/email";
    export default async () => console.log((await email({ to: "tester.echo@mail.example", text: "again" })).message);`,
  });
  const path = `/v2/vals/${echo.id}/files/email?path=mail.email.ts`;
  const run = (await (await hamlet.api(path, { json: {} })).json()) as { logs: { text: string }[] };
  expect(run.logs.map(({ text }) => text)).toEqual([expect.stringContaining("Email kept, not sent")]);
  expect((await get(`/v3/vals/${echo.id}/mails`)).data).toHaveLength(1);
  await eventually(async () => {
    const { data } = await get("/v1/telemetry/logs?direction=desc");
    return JSON.stringify(data).includes("this val sent it itself") || undefined;
  });
}, 60_000);
