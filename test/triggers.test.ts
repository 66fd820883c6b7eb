/** What starts vals by itself, on a real server: the clock, and mail by SMTP. */

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { openStore } from "../src/store/store.ts";
import { makeTempFolder, startHamlet, type TestHamlet } from "./support/server.ts";
import { startRelay } from "./support/smtp.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers of the API
type Json = any;

const get = async (hamlet: TestHamlet, path: string): Promise<Json> => (await hamlet.api(path)).json();

/** Asks again until there is an answer; others need the processor meanwhile. */
async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found) return found;
    await Bun.sleep(10);
  }
}

async function fileOf(hamlet: TestHamlet, valId: string): Promise<string> {
  return (await get(hamlet, `/v2/vals/${valId}/files?path=&recursive=true`)).data[0].id;
}

/** The runs of a file, once so many of them are over. */
const runsOf = (hamlet: TestHamlet, fileId: string, count = 1): Promise<Json[]> =>
  until(async () => {
    const { data } = await get(hamlet, `/v3/files/${fileId}/runs`);
    return data.filter((run: Json) => run.outcome !== null).length >= count && data;
  });

async function giveAddress(data: string, username: string, email: string): Promise<void> {
  const store = await openStore({ folder: data });
  try {
    await store.accounts.setEmail((await store.users.findByName(username))!.id, email);
  } finally {
    await store.close();
  }
}

/** At which it takes mail. */
const smtpPortOf = (hamlet: TestHamlet) =>
  until(async () => Number(/comes in at [^,]+, port (\d+)/.exec(hamlet.log)?.[1] ?? 0));

const LOGS = `export default function (interval: Interval) {
  console.log("last", interval.lastRunAt);
}`;

test("a new interval file runs at once, and one that fails tells its owner by mail, once an hour", async () => {
  await using relay = await startRelay();
  await using hamlet = await startHamlet({ args: ["--smtp-url", relay.url] });
  await giveAddress(hamlet.data, "tester", "tester@example.org");
  const good = await hamlet.val("good", { "cron.interval.ts": LOGS });
  const [run] = await runsOf(hamlet, await fileOf(hamlet, good.id));
  expect(run).toMatchObject({ kind: "interval", outcome: "ok", attempt: 1, error: null });
  const trace = await until(async () => {
    const answer = await hamlet.api(`/v3/traces/${run.traceId}`);
    const text = await answer.text();
    return answer.status === 200 && text.includes("last undefined") && text;
  });
  expect(trace).toContain("last undefined");
  const bad = await hamlet.val("bad", {
    "cron.interval.ts": `export default () => { throw new Error("no such feed"); };`,
  });
  const fileId = await fileOf(hamlet, bad.id);
  const { mail, to } = await relay.mail(1);
  expect(to).toEqual(["tester@example.org"]);
  expect(mail.subject).toBe("tester/bad: cron.interval.ts failed");
  const [failed] = await runsOf(hamlet, fileId);
  expect(failed).toMatchObject({ outcome: "failed", error: "Error: no such feed" });
  for (const part of [
    "Error: no such feed",
    failed.traceId,
    `/v3/files/${fileId}/runs`,
    '"failureMails": false',
  ])
    expect(mail.text).toContain(part);
  expect(await get(hamlet, `/v3/vals/${bad.id}/jobs`)).toMatchObject({ data: [] });
}, 60_000);

test("a mail by SMTP starts a val; one that fails waits for its next attempt, and its owner may hurry it", async () => {
  await using hamlet = await startHamlet({ args: ["--smtp-port", "0"] });
  const port = await smtpPortOf(hamlet);
  const source = (body: string) => `export default async function (email: Email) { ${body} }`;
  const val = await hamlet.val("post", { "in.email.ts": source(`throw new Error("no " + email.subject);`) });
  const fileId = await fileOf(hamlet, val.id);
  const { emailAddresses = [] } = await get(hamlet, `/v3/files/${fileId}/trigger`);
  const to = emailAddresses[0] ?? `tester-${fileId.replaceAll("-", "")}@localhost`;
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  await transport.sendMail({ from: "bob@far.example", to, subject: "Hello", text: "How are you?" });
  transport.close();
  const [first] = await runsOf(hamlet, fileId);
  expect(first).toMatchObject({ kind: "email", outcome: "failed", error: "Error: no Hello", attempt: 1 });
  const jobs = () => get(hamlet, `/v3/vals/${val.id}/jobs`);
  const [job] = (await jobs()).data;
  expect(job).toMatchObject({ state: "queued", attempts: 1, address: to });
  expect(Date.parse(job.nextAttemptAt) - Date.parse(first.endedAt)).toBe(60_000);
  const spool = join(hamlet.data, "mails");
  expect(readdirSync(spool)).toContain(`${job.mailId}.eml`);
  await hamlet.save(val, source(`console.log(await email.text);`), "in.email.ts");
  expect((await hamlet.api(`/v3/jobs/${job.id}/retry`, { method: "POST" })).status).toBe(200);
  const [second] = await runsOf(hamlet, fileId, 2);
  expect(second).toMatchObject({ outcome: "ok", attempt: 1 });
  expect((await jobs()).data).toEqual([]);
  await until(async () => !readdirSync(spool).some((name) => name.endsWith(".eml")));
}, 60_000);

test("a run that is still under way when the town closes is interrupted, and not run again by the next", async () => {
  using folder = makeTempFolder();
  const { path: data } = folder;
  const args = ["--grace", "0s"];
  const first = await startHamlet({ data, args });
  const val = await first.val("slow", {
    "cron.interval.ts": `export default async () => { console.log("begun"); await new Promise(() => {}); };`,
  });
  const fileId = await fileOf(first, val.id);
  await until(async () => (await get(first, `/v3/files/${fileId}/runs`)).data.length > 0);
  expect(await first.stop()).toBe(0);
  await using second = await startHamlet({ data, args });
  const runs = await runsOf(second, fileId);
  expect(runs).toMatchObject([{ outcome: "interrupted" }]);
  expect((await get(second, `/v3/vals/${val.id}/jobs`)).data).toEqual([]);
}, 60_000);
