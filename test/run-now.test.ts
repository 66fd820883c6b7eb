/** Interval files in a real town: what a save says of them, how they are run by hand, and how that is shown. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runHamlet, startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";
import { eventually, logs, traces } from "./support/telemetry.ts";

let hamlet: TestHamlet;
let val: TestVal;

const FILES = {
  "main.http.ts": `export default () => new Response("visited");`,
  "tick.interval.ts": `console.log("module");
export default async (interval: Interval) => {
  console.error("tick", Object.keys(interval).join(), Deno.env.get("VALTOWN_ENTRYPOINT")?.endsWith("tick.interval.ts"));
  return "nobody sees it";
};`,
  "throws.interval.ts": `export default () => {\n  throw new RangeError("too far");\n};`,
  "slow.interval.ts": `export default () => { console.log("begun"); return new Promise(() => {}); };`,
  "mail.email.ts": `export default (email: Email) => console.log(email.from);`,
};

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
type Answer = any;

const json = async (pending: Promise<Response>): Promise<Answer> => (await pending).json();
const run = (path: string, init: RequestInit = {}) =>
  hamlet.api(`/v3/vals/${val.id}/run`, { json: { path }, ...init });
const texts = ({ logs: lines }: { logs: { text: string }[] }) => lines.map(({ text }) => text);

async function fileOf(path: string): Promise<Answer> {
  return (await json(hamlet.api(`/v2/vals/${val.id}/files?path=${path}`))).data[0];
}

beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--run-timeout", "1500ms", "--max-workers", "8"] });
  val = await hamlet.val("clock", FILES);
});
afterAll(() => hamlet?.[Symbol.asyncDispose]());

describe("an interval file that is run by hand", () => {
  test("has its handler called as the clock calls it, by its path or its id", async () => {
    const { id } = await fileOf("tick.interval.ts");
    const answers = [
      await json(run("tick.interval.ts")),
      await json(hamlet.api(`/v3/files/${id}/invoke`, { json: {} })),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: "ok", droppedLogs: 0 });
      expect(answer.value).toBeUndefined();
      expect(texts(answer)).toEqual(["module", "tick lastRunAt true"]);
    }
  });

  test("is told when the run before began, by hand too", async () => {
    const path = "last.interval.ts";
    const query = new URLSearchParams({ path });
    const content = "export default (i: Interval) => console.log(i.lastRunAt?.getTime());";
    await hamlet.api(`/v2/vals/${val.id}/files?${query}`, { json: { type: "interval", content } });
    const before = Date.now();
    await json(run(path));
    const [told] = texts(await json(run(path)));
    expect(Number(told)).toBeGreaterThanOrEqual(before);
    await hamlet.api(`/v2/vals/${val.id}/files?${query}`, { method: "DELETE" });
  });

  test("comes as events too", async () => {
    const live = await run("tick.interval.ts", { headers: { accept: "text/event-stream" } });
    const events = [...(await live.text()).matchAll(/^event: (\w+)$/gm)].map(([, event]) => event);
    expect(events).toEqual(["start", "log", "log", "result"]);
  });

  test("takes no more than a quarter of the workers with all others by hand", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => json(run("slow.interval.ts"))));
    const refused = answers.filter(({ statusCode }) => statusCode === 503);
    expect(refused.map(({ message }) => message)).toEqual([
      "2 runs by hand are under way in this town. Try again in a moment.",
    ]);
    expect(answers.filter(({ reason }) => reason === "time_limit")).toHaveLength(2);
  });

  test("that throws or lasts too long has failed, and its author finds that under the trace", async () => {
    const thrown = await json(run("throws.interval.ts"));
    expect(thrown).toMatchObject({ status: "failed", reason: "val_threw", error: { name: "RangeError" } });
    expect(thrown.error.stack).toMatch(/throws\.interval\.ts:2:9/);
    const slow = await json(run("slow.interval.ts"));
    expect(slow).toMatchObject({ status: "failed", reason: "time_limit" });
    const told = await eventually(async () => {
      const { rows } = await logs(hamlet, { trace_ids: slow.traceId, direction: "asc" });
      return rows.length === 2 ? rows : undefined;
    });
    expect(told.map(({ text }) => text)).toEqual(["begun", expect.stringContaining("after 1.5 s")]);
    expect(told.map(({ attributes }) => attributes["val.type"])).toEqual(["interval", "interval"]);
  });
});

test("what was started is shown with what has started it, in lists, as it comes, and on the page", async () => {
  const followed = (path: string) => hamlet.api(`/v3/live/${path}?val_id=${val.id}`);
  const live = await Promise.all(["traces", "logs"].map(followed));
  const { traceId } = await json(run("throws.interval.ts"));
  for (const response of live) {
    let seen = "";
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!seen.includes(traceId) || !seen.endsWith("\n\n")) seen += (await reader.read()).value;
    expect(seen).toContain('{"key":"val.type","value":{"stringValue":"interval"}}');
    await reader.cancel();
  }
  const { id } = await fileOf("throws.interval.ts");
  const [listed] = (await traces(hamlet, { file_id: id, limit: "1" })).rows;
  expect(listed).toMatchObject({ traceId, status: { code: 2, message: "val_threw" } });
  expect(listed!.name).toMatch(/^CRON \/v\/tester\/clock@\d+-main\/throws\.interval\.ts$/);
  expect(listed!.attributes).toMatchObject({ "val.type": "interval", "hamlet.kind": "interval" });
  expect(listed!.attributes["http.request.method"]).toBeUndefined();
  const { call } = await json(hamlet.api(`/v3/traces/${traceId}`));
  expect(call).toMatchObject({ kind: "interval", status: null, error: "val_threw" });
  const html = { headers: { accept: "text/html" } };
  const page = await (await hamlet.api(`/v3/traces/${traceId}`, html)).text();
  expect(page).toMatch(/<h1>failed · CRON https:/);
  expect(page).toContain("<dt>Kind<dd>interval");
  const printed = await runHamlet(["trace", traceId, "--data", hamlet.data]);
  expect(printed.out).toMatch(/^CRON https:\S+ → val_threw\n/);
  expect(printed.out).toContain("Uncaught RangeError: too far");
});

describe("a save of what something starts", () => {
  const save = async (path: string, content: string) => {
    const query = new URLSearchParams({ path });
    const response = await hamlet.api(`/v2/vals/${val.id}/files?${query}`, {
      method: "PUT",
      json: { content },
    });
    return { build: response.headers.get("x-hamlet-build"), answer: (await response.json()) as Answer };
  };

  test("builds it, tells what is wrong, and keeps the last good build", async () => {
    for (const path of ["tick.interval.ts", "mail.email.ts"] as const) {
      const broken = await save(path, "import './missing.ts'; export default () => {};");
      expect([broken.build, broken.answer.diagnostics[0].file]).toEqual(["failed", path]);
      expect((await fileOf(path)).diagnostics).toHaveLength(1);
      const { data } = await json(hamlet.api(`/v3/vals/${val.id}/builds`));
      const one = data.find(({ file }: Answer) => file.path === path);
      expect(one.failed.version).toBeGreaterThan(one.serving.version);
      const good = await save(path, FILES[path]);
      expect([good.build, good.answer.diagnostics]).toEqual(["ok", undefined]);
    }
    const { data } = await json(hamlet.api(`/v3/vals/${val.id}/builds`));
    expect(data.map(({ file, failed }: Answer) => [file.type, failed])).toEqual([
      ["email", null],
      ["http", null],
      ["interval", null],
      ["interval", null],
      ["interval", null],
    ]);
  });

  test("lets what is run by hand be the newest or nothing", async () => {
    await save("throws.interval.ts", "export default () => {");
    const response = await run("throws.interval.ts");
    expect([response.status, ((await response.json()) as Answer).code]).toEqual([422, "build_failed"]);
    await save("throws.interval.ts", FILES["throws.interval.ts"]);
  });
});
