import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOrigin } from "./support/origin.ts";
import { makeTempFolder, runHamlet, startHamlet } from "./support/server.ts";

test("with --json the first line on stdout says that and where the server is ready; SIGTERM ends it with 0", async () => {
  await using hamlet = await startHamlet();
  expect(hamlet.firstLine).toEqual({
    ready: true,
    url: `http://localhost:${hamlet.port}`,
    api: `http://localhost:${hamlet.port}/api`,
    pid: hamlet.pid,
  });
  expect(await hamlet.stop("SIGTERM")).toBe(0);
});

test("Ctrl-C in a terminal reaches every process of the group, and an open stream still ends well", async () => {
  await using hamlet = await startHamlet();
  const val = await hamlet.val(
    "slow",
    `export default () => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("first "));
        await new Promise((resolve) => setTimeout(resolve, 500));
        controller.enqueue(new TextEncoder().encode("last"));
        controller.close();
      } }));`,
  );
  const reader = (await hamlet.fetch(val)).body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe("first ");
  process.kill(-hamlet.pid, "SIGINT");
  expect(Buffer.from((await reader.read()).value!).toString()).toBe("last");
  expect((await reader.read()).done).toBe(true);
  expect(await hamlet.exited).toBe(0);
});

test("a port in use is one sentence and exit code 2", async () => {
  await using origin = startOrigin(() => new Response("taken"));
  using folder = makeTempFolder();
  const { code, out, err } = await runHamlet(["serve", "--data", folder.path, "--port", String(origin.port)]);
  expect([code, out]).toEqual([2, ""]);
  expect(err.trimEnd().split("\n").at(-1)).toMatch(/^hamlet: Port \d+ .* in use.*--port/);
});

test("a port for mail in use is one sentence too, and the next start is still the first", async () => {
  await using origin = startOrigin(() => new Response("taken"));
  using folder = makeTempFolder();
  const { code, out, err } = await runHamlet([
    ...[
      "serve",
      "--data",
      folder.path,
      "--port",
      "0",
      "--sandbox",
      "deno",
      "--smtp-port",
      String(origin.port),
    ],
  ]);
  expect([code, out]).toEqual([2, ""]);
  expect(err.trimEnd().split("\n").at(-1)).toMatch(/^hamlet: Port \d+ .* for mail .*--smtp-port/);
  expect(existsSync(join(folder.path, "welcomed"))).toBe(false);
});

test("a data folder that cannot be written is one sentence and exit code 2", async () => {
  using folder = makeTempFolder();
  writeFileSync(join(folder.path, "file"), "");
  const { code, out, err } = await runHamlet([
    "serve",
    "--port",
    "0",
    "--data",
    join(folder.path, "file/data"),
  ]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^hamlet: The data folder .*file\/data cannot be .*--data.*\n$/);
});

test("user add prints a token that the API knows, while the server runs", async () => {
  await using hamlet = await startHamlet();
  const { username, token } = JSON.parse(
    (await runHamlet(["user", "add", "ann", "--data", hamlet.data])).out,
  );
  expect([username, token]).toEqual(["ann", expect.stringMatching(/^vtwn_\w{28}$/)]);
  const me = await hamlet.api("/v1/me", { headers: { authorization: `Bearer ${token}` } });
  expect([me.status, ((await me.json()) as { username: string }).username]).toEqual([200, "ann"]);

  const again = await runHamlet(["user", "add", "ANN", "--data", hamlet.data]);
  expect([again.code, again.err]).toEqual([2, "hamlet: The username ANN is taken. Choose another.\n"]);
  const bad = await runHamlet(["user", "add", "a--b", "--data", hamlet.data]);
  expect([bad.code, bad.err.startsWith("hamlet: A username begins with a letter")]).toEqual([2, true]);
});

test("token create prints another token, with fewer scopes if asked to", async () => {
  await using hamlet = await startHamlet();
  const create = async (...args: string[]) => {
    const result = await runHamlet(["token", "create", "--user", "tester", "--data", hamlet.data, ...args]);
    return { ...result, token: result.code === 0 ? (JSON.parse(result.out).token as string) : "" };
  };
  const status = async (token: string, init: RequestInit & { json?: unknown } = {}) =>
    (await hamlet.api("/v2/vals", { ...init, headers: { authorization: `Bearer ${token}` } })).status;
  const val = (name: string) => ({ json: { name, privacy: "public" } });

  const { token: all } = await create();
  expect(all).not.toBe(hamlet.token);
  expect(await status(all, val("one"))).toBe(201);
  const { token: reader } = await create("--scopes", "val:read");
  expect([await status(reader), await status(reader, val("two"))]).toEqual([200, 403]);
  expect((await create("--scopes", "fly")).err).toMatch(
    /^hamlet: --scopes fly is not usable: --scopes takes any of val:read/,
  );
  expect((await runHamlet(["token", "create", "--user", "nobody", "--data", hamlet.data])).err).toContain(
    "no user nobody",
  );
});

test("a command on a folder without data says so, and makes none", async () => {
  using folder = makeTempFolder();
  const { code, err } = await runHamlet(["logs", "me/hello", "--data", join(folder.path, "x")]);
  expect([code, err]).toEqual([
    2,
    `hamlet: There is no Hamlet in ${folder.path}/x. Name its data folder with --data.\n`,
  ]);
});

test("logs prints what a val logged, and with -f goes on", async () => {
  await using hamlet = await startHamlet();
  const val = await hamlet.val(
    "talker",
    "export default (req) => { console.log(new URL(req.url).pathname, '\\u001b[2J'); return new Response() }",
  );
  await (await hamlet.fetch(val, "/first")).text();
  const follow = Bun.spawn(
    [join(import.meta.dir, "../bin/hamlet"), "logs", "-f", "tester/talker", "--data", hamlet.data],
    {
      stdout: "pipe",
    },
  );
  const reader = follow.stdout.getReader();
  const readUntil = async (word: string) => {
    let text = "";
    while (!text.includes(word)) text += Buffer.from((await reader.read()).value ?? []).toString();
    return text;
  };
  try {
    const first = await readUntil("/first");
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}\/first \\u001b\[2J\n$/);
    await (await hamlet.fetch(val, "/second")).text();
    expect(await readUntil("/second")).not.toContain("/first");
  } finally {
    follow.kill();
    await follow.exited;
  }
  const all = await runHamlet(["logs", "tester/talker", "--data", hamlet.data]);
  expect(all.out.match(/\/(first|second)/g)).toEqual(["/first", "/second"]);
  expect((await runHamlet(["logs", "tester/talker", "-n", "1", "--data", hamlet.data])).out).toMatch(
    /^\S+ info {2}\/second.*\n$/,
  );
  expect((await runHamlet(["logs", "tester/none", "--data", hamlet.data])).err).toContain(
    "There is no val tester/none",
  );
});
