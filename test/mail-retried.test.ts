/** A mail whose handler fails, on a real server that is killed in between: from the first attempt to the last, and on. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { makeTempFolder, startHamlet, type TestHamlet } from "./support/server.ts";
import { eventually, logs } from "./support/telemetry.ts";

const ARGS = ["--smtp-port", "0"];
const handler = (body: string) => `import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
  export default async function (email: Email) { ${body} }`;
const KEEP = `await sqlite.execute("create table got (subject text, id text)");
  await sqlite.execute({ sql: "insert into got values (?, ?)", args: [email.subject, email.headers["x-hamlet-mail-id"]] });
  console.log(JSON.stringify((await sqlite.execute("select * from got")).rows));`;

// biome-ignore lint/suspicious/noExplicitAny: answers of the API
type Row = any;

/** The rows of a list, once there are some that are as they shall be. */
async function rowsOf(hamlet: TestHamlet, path: string, are: (rows: Row[]) => boolean): Promise<Row[]> {
  for (;;) {
    const { data } = (await (await hamlet.api(path)).json()) as { data: Row[] };
    if (are(data)) return data;
  }
}

async function mailTo(hamlet: TestHamlet, to: string): Promise<void> {
  const port = Number(/comes in at [^,]+, port (\d+)/.exec(hamlet.log)![1]);
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  await transport.sendMail({ from: "bob@far.example", to, subject: "Hello", text: "How are you?" });
  transport.close();
}

/** As if the pauses between attempts were over. */
function hurryToLastAttempt(data: string): void {
  using db = new Database(join(data, "hamlet.db"));
  db.run("update jobs set attempts = 4, run_at = 1 where kind = 'email' and state = 'queued'");
}

test("a mail that fails outlives kill -9, is dead after its fifth attempt, and is delivered when its owner says so", async () => {
  using folder = makeTempFolder();
  const { path: data } = folder;
  const spooled = () => readdirSync(join(data, "mails"));
  const first = await startHamlet({ data, args: ARGS });
  const val = await first.val("post", { "in.email.ts": handler(`throw new Error("not yet");`) });
  await mailTo(first, "tester.post@localhost");
  const jobs = `/v3/vals/${val.id}/jobs`;
  const [failed] = await rowsOf(first, jobs, ([job]) => job?.attempts === 1 && job.state === "queued");
  expect(failed.error).toBe("Error: not yet");
  await first.stop("SIGKILL");
  hurryToLastAttempt(data);
  const second = await startHamlet({ data, args: ARGS });
  const [dead] = await rowsOf(second, jobs, ([job]) => job?.state === "dead");
  expect(dead).toMatchObject({ id: failed.id, attempts: 5, error: "Error: not yet" });
  await second.stop("SIGKILL");
  await using third = await startHamlet({ data, args: ARGS });
  expect(await rowsOf(third, jobs, () => true)).toMatchObject([{ id: failed.id, state: "dead" }]);
  const mails = `/v3/vals/${val.id}/mails`;
  const [kept] = await rowsOf(third, mails, () => true);
  expect(kept).toMatchObject({ state: "dead", subject: "Hello" });
  expect(spooled()).toEqual([`${kept.id}.eml`]);
  await third.save(val, handler(KEEP), "in.email.ts");
  expect((await third.api(`/v3/jobs/${failed.id}/retry`, { method: "POST" })).status).toBe(200);
  await rowsOf(third, mails, ([mail]) => mail?.state === "delivered");
  const [run] = await rowsOf(third, `/v3/files/${kept.fileId}/runs`, ([newest]) => newest?.outcome === "ok");
  expect(run.attempt).toBe(1);
  while (spooled().length > 0) await Bun.sleep(1);
  const line = await eventually(async () =>
    (await logs(third, {})).rows.find(({ text }) => text.includes("subject")),
  );
  expect(JSON.parse(line.text)).toEqual([{ subject: "Hello", id: kept.id }]);
}, 60_000);
