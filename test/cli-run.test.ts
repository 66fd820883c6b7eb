/** `hamlet run` beside a running server, as a person types it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { socketIn } from "../src/folder.ts";
import { openStore } from "../src/store/store.ts";
import { makeTempFolder, runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

const HAMLET = join(import.meta.dir, "../bin/hamlet");
const CLEAR = "\x1b[2J";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--run-timeout", "1s"] });
  await hamlet.val("only", {
    "tools.ts": `console.log("one\\ntwo"); console.warn("careful"); console.error("bad"); export default new Map([["a", 1]]);`,
    "notes.md": "# no code",
  });
  await hamlet.val("many", {
    "main.ts": `import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
      waitUntil(new Promise((go) => setTimeout(go, 50)).then(() => console.log("worked on")));
      console.log("main");`,
    "throws.ts": `console.log("before");\nthrow new RangeError("too far");`,
    "slow.ts": `console.log("begun"); await new Promise(() => setInterval(() => {}, 1000));`,
    "clear.ts": `console.log(${JSON.stringify(CLEAR)} + "wiped"); export default 1;`,
    "broken.ts": `import "./missing.ts";`,
    "a.http.ts": `export default (req) => new Response("hi from " + new URL(req.url).pathname + "\\n");`,
    "b.http.ts": `export default () => { throw new Error("no"); };`,
  });
});
afterAll(() => hamlet?.[Symbol.asyncDispose]());

const run = (named: string, ...flags: string[]) =>
  runHamlet(["run", named, ...flags, "--data", hamlet.data], { NO_COLOR: "" });

describe("hamlet run", () => {
  test("prints what a script writes where it writes it, then its value", async () => {
    expect(await run("tester/only")).toEqual({
      code: 0,
      out: 'one\ntwo\nMap(1) { "a" => 1 }\n',
      err: "careful\nbad\n",
    });
  });

  test("takes what is called main where there is more than one, and waits for what it gave to waitUntil", async () => {
    expect(await run("@tester/many")).toEqual({ code: 0, out: "main\nworked on\n", err: "" });
    expect((await run("tester/many/main.ts")).out).toBe("main\nworked on\n");
  });

  test("prints why a script failed, and where to read it again", async () => {
    const { code, out, err } = await run("tester/many/throws.ts");
    expect([code, out]).toEqual([1, "before\n"]);
    expect(err).toMatch(
      /^Uncaught RangeError: too far\n {4}at .*throws\.ts:2:7\n.*hamlet trace [0-9a-f]{32}/,
    );
    const [, trace = ""] = /hamlet trace (\w+)/.exec(err) ?? [];
    await eventually(async () => {
      const { out: again } = await runHamlet(["trace", trace, "--data", hamlet.data]);
      return again.includes("too far") || undefined;
    });
  });

  test("says when a script was stopped at its limit of time", async () => {
    const { code, err } = await run("tester/many/slow.ts");
    expect([code, err.includes("It was stopped after 1 s")]).toEqual([1, true]);
  });

  test("says what keeps a file from being built", async () => {
    const { code, err } = await run("tester/many/broken.ts");
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/could not be built[\s\S]*broken\.ts:1: .*missing\.ts/),
    ]);
  });

  test("calls an endpoint, and prints its answer", async () => {
    const good = await run("tester/many/a.http.ts");
    expect([good.code, good.out]).toEqual([0, "hi from /\n"]);
    expect(good.err).toMatch(/^Answered with 200; trace [0-9a-f]{32}\n$/);
    const bad = await run("tester/many/b.http.ts");
    expect([bad.code, bad.err]).toEqual([1, expect.stringContaining("Answered with 500")]);
  });

  test("prints lines of JSON for programs", async () => {
    const lines = (text: string) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const { code, out, err } = await run("tester/only", "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(lines(out)).toMatchObject([
      { event: "start" },
      { event: "log", stream: "stdout", text: "one\ntwo" },
      { event: "log", level: "warn", text: "careful" },
      { event: "log", level: "error", text: "bad" },
      { event: "result", status: "ok", value: 'Map(1) { "a" => 1 }' },
    ]);
    const broken = await run("tester/many/broken.ts", "--json");
    expect([broken.code, lines(broken.out)[0].diagnostics.length]).toEqual([1, 1]);
    expect(lines((await run("tester/many/a.http.ts", "--json")).out)).toMatchObject([
      { event: "answer", status: 200, body: "hi from /\n" },
    ]);
  });

  test("runs the newest version of a branch that is named", async () => {
    const val = await hamlet.val("branched", { "a.ts": "export default 'old'" });
    const made = await hamlet.api(`/v2/vals/${val.id}/branches`, { json: { name: "next" } });
    const { id } = (await made.json()) as { id: string };
    await hamlet.api(`/v2/vals/${val.id}/files?path=a.ts&branch_id=${id}`, {
      method: "PUT",
      json: { content: "export default 'new'" },
    });
    expect((await run("tester/branched", "--branch", "next")).out).toBe('"new"\n');
    expect((await run("tester/branched")).out).toBe('"old"\n');
  });

  test("runs what the clock would start as the clock does", async () => {
    const val = await hamlet.val("clock", {});
    const json = {
      type: "interval",
      content: "export default ({ lastRunAt }) => console.log('ran', typeof lastRunAt);",
    };
    await hamlet.api(`/v2/vals/${val.id}/files?path=tick.ts`, { json });
    expect(await run("tester/clock")).toMatchObject({ code: 0, out: expect.stringMatching(/^ran /) });
  });

  test("takes the only file there is, also where that gets mail", async () => {
    const val = await hamlet.val("letters", {});
    const json = { type: "email", content: "export default ({ subject }) => console.log(subject);" };
    await hamlet.api(`/v2/vals/${val.id}/files?path=mail.ts`, { json });
    expect(await run("tester/letters")).toMatchObject({ code: 0, out: "Test\n" });
  });

  test("runs vals of an organization in the name of one of its owners", async () => {
    const made = await hamlet.api("/v3/orgs", { json: { username: "guild" } });
    const { id: orgId } = (await made.json()) as { id: string };
    const files = [{ path: "a.ts", type: "script", content: "export default 7" }];
    await hamlet.api("/v2/vals", { json: { name: "own", orgId, privacy: "private", files } });
    expect(await run("guild/own")).toEqual({ code: 0, out: "7\n", err: "" });
  });

  test("is told in one sentence what is wrong with what was typed", async () => {
    const cases: [string[], string | RegExp][] = [
      [["only"], "takes a val or a file of it, such as me/hello or me/hello/main.ts."],
      [["tester/nothing"], "There is no val tester/nothing in this data folder."],
      [["tester/only", "--branch", "gone"], "tester/only has no branch gone."],
      [
        ["tester/only/gone.ts"],
        /It has no file gone\.ts\. What can be run:\n {2}hamlet run tester\/only\/tools\.ts {2}\(script\)\n$/,
      ],
      [["tester/only/notes.md"], "notes.md is no JavaScript or TypeScript"],
    ];
    for (const [[named = "", ...flags], message] of cases) {
      const { code, out, err } = await run(named, ...flags);
      expect([code, out]).toEqual([2, ""]);
      if (typeof message === "string") expect(err).toContain(message);
      else expect(err).toMatch(message);
    }
    const two = await hamlet.val("two", { "a.ts": "", "b.ts": "" });
    expect(two.id).not.toBe("");
    expect((await run("tester/two")).err).toMatch(/Which file of it\?.*\n.*two\/a\.ts.*\n.*two\/b\.ts/);
  });
});

test("a line comes as it is written, and Ctrl-C stops the run and leaves no token behind", async () => {
  const args = ["run", "tester/many/slow.ts", "--data", hamlet.data, "--json"];
  const child = Bun.spawn([HAMLET, ...args], { stdout: "pipe", stderr: "inherit" });
  let seen = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    seen += piece;
    if (seen.includes("begun")) break;
  }
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  const { traceId } = JSON.parse(seen.split("\n")[0]!);
  for (;;) {
    const response = await hamlet.api(`/v3/traces/${traceId}`);
    const { call } = (await response.json()) as { call: { endedAt: string | null; aborted: boolean } | null };
    if (call?.endedAt && call.aborted) break;
    await Bun.sleep(20);
  }
  const store = await openStore({ folder: hamlet.data });
  const { id } = (await store.users.findByName("tester"))!;
  expect((await store.tokens.listByUser(id)).map(({ label }) => label)).not.toContain("hamlet, for one call");
  await store.close();
});

test("only a terminal gets colours, and nothing there that a val could drive it with", async () => {
  expect((await run("tester/many/clear.ts")).out).toBe(`${CLEAR}wiped\n1\n`);
  const command = `${HAMLET} run tester/many/clear.ts --data ${hamlet.data}`;
  const onTerminal = async (env: Record<string, string>) => {
    const child = Bun.spawn(["script", "-qec", command, "/dev/null"], {
      stdin: "ignore",
      stdout: "pipe",
      env: { PATH: process.env.PATH!, HOME: process.env.HOME ?? "/", TERM: "xterm", ...env },
    });
    return (await child.stdout.text()).replaceAll("\r", "");
  };
  expect(await onTerminal({})).toBe("\\u001b[2Jwiped\n\x1b[36m1\x1b[0m\n");
  expect(await onTerminal({ NO_COLOR: "1" })).toBe("\\u001b[2Jwiped\n1\n");
});

test("without a server there is one sentence", async () => {
  using folder = makeTempFolder();
  const store = await openStore({ folder: folder.path });
  const { id: userId } = await store.users.create({ username: "ann" });
  const { id: valId } = await store.vals.create({ userId, name: "a", privacy: "public" });
  await store.files.create({ valId }, { path: "a.ts", type: "script", content: "1" });
  await store.close();
  const { code, err } = await runHamlet(["run", "ann/a", "--data", folder.path]);
  expect([code, err]).toEqual([2, `hamlet: No Hamlet runs on ${folder.path}. Start it, then try again.\n`]);
});

test("a mail goes to the server as it is, from a file or standard input, and to an email file alone", async () => {
  using folder = makeTempFolder();
  const store = await openStore({ folder: folder.path });
  const { id: userId } = await store.users.create({ username: "ann" });
  const { id: valId } = await store.vals.create({ userId, name: "a", privacy: "public" });
  for (const [path, type] of [
    ["in.ts", "email"],
    ["main.ts", "script"],
  ] as const)
    await store.files.create({ valId }, { path, type, content: "1" });
  await store.close();
  const seen: unknown[] = [];
  await using _server = Bun.serve({
    unix: socketIn(folder.path, "inner"),
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      seen.push([
        pathname,
        searchParams.get("path"),
        request.headers.get("content-type"),
        await request.text(),
      ]);
      return new Response(`event: result\ndata: {"status":"ok"}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  const mail = "From: eve@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
  const file = join(folder.path, "letter.eml");
  await Bun.write(file, mail);
  const args = ["--data", folder.path];
  expect((await runHamlet(["run", "ann/a", "--email", file, ...args])).code).toBe(0);
  const piped = Bun.spawn([HAMLET, "run", "ann/a/in.ts", "--email", "-", ...args], { stdin: Bun.file(file) });
  expect(await piped.exited).toBe(0);
  expect((await runHamlet(["run", "ann/a/in.ts", ...args])).code).toBe(0);
  const path = `/v2/vals/${valId}/files/email`;
  expect(seen).toEqual([
    [path, "in.ts", "message/rfc822", mail],
    [path, "in.ts", "message/rfc822", mail],
    [path, "in.ts", "application/json", "{}"],
  ]);
  const wrong = await runHamlet(["run", "ann/a/main.ts", "--email", file, ...args]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("main.ts is no file of type email")]);
});
