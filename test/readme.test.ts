import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUser, startHamlet } from "./support/server.ts";

const ROOT = join(import.meta.dir, "..");

const sectionOf = (title: string) =>
  readFileSync(join(ROOT, "README.md"), "utf8").split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "";

const shellOf = (text: string) => [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!);

/** The shell blocks of a section of the README. */
const blocksOf = (title: string) => shellOf(sectionOf(title));

/** The shell blocks of a page. */
const pageOf = (name: string) => shellOf(readFileSync(join(ROOT, "docs", name), "utf8"));

/** A new town with examples, and a shell in which what the README says can be typed. */
async function openTown(
  examples: boolean | readonly string[],
  ...args: string[]
): Promise<AsyncDisposable & Town> {
  const hamlet = await startHamlet({ examples, args });
  const { token } = await addUser(hamlet.data, "me");
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  const town: Town = {
    token,
    data: hamlet.data,
    log: () => hamlet.log,
    shell: "",
    async run(block) {
      const script = `${town.shell}\n${block}`
        .replaceAll("localhost:3000", `localhost:${hamlet.port}`)
        .replaceAll("npx hamlet", join(ROOT, "bin/hamlet"))
        .replaceAll("curl ", "curl --silent --show-error --max-time 30 ");
      const child = Bun.spawn(["sh", "-c", script], {
        cwd: folder,
        stdout: "pipe",
        stderr: "pipe",
        env: { ...process.env, HAMLET_DATA: hamlet.data },
      });
      const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      return { out, err, code: await child.exited };
    },
  };
  return Object.assign(town, {
    async [Symbol.asyncDispose]() {
      await hamlet[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  });
}

interface Town {
  readonly token: string;
  readonly data: string;
  /** What the server wrote to stderr so far. */
  log(): string;
  /** What was typed before and still counts. */
  shell: string;
  run(block: string): Promise<{ out: string; err: string; code: number }>;
}

let first: AsyncDisposable & Town;
beforeAll(async () => {
  first = await openTown(true);
}, 60_000);
afterAll(() => first?.[Symbol.asyncDispose]());

test("the first five minutes work as they are written", async () => {
  const town = first;
  const [setToken, create, call, change, remember, ask, watch, upload, ...more] = blocksOf(
    "The first five minutes, from a shell",
  );
  expect(more).toEqual([]);
  town.shell = setToken!.replace("vtwn_…", town.token);

  const created = await town.run(create!);
  const { id, name } = JSON.parse(created.out);
  expect(name).toBe("greet");
  const called = await town.run(call!);
  expect(new Date(JSON.parse(called.out).now).getTime()).toBeGreaterThan(Date.now() - 60_000);
  const changed = await town.run(change!.replace("ID=…", `ID=${id}`));
  expect(changed.out).toContain("Good evening\n");
  expect(changed.out).toMatch(/Z info {2}GET\n$/);
  town.shell += `\nID=${id}`;
  const remembered = await town.run(remember!);
  expect(remembered.out).toMatch(/Welcome, visitor 1\nmain\.ts: version 3 is served, bundled\n$/);
  const asked = await town.run(ask!);
  expect(asked.out).toMatch(/rain[\s\S]*\(By the demo model of this town\. /);
  const watched = await town.run(watch!.replace(/(curl -N .*)/, "$1 | head -c 64"));
  expect(watched.out).toMatch(/^\p{Emoji_Presentation}{16}$/u);
  expect((await town.run(upload!)).out.trim()).toBe(String(64 * 2 ** 20));
  await tryTheRest(town);
}, 120_000);

/** What comes after the first five minutes, with the same val. */
async function tryTheRest(town: Town): Promise<void> {
  const variables = await town.run(blocksOf("Variables").join(""));
  expect(variables.out).toMatch(/"key":"WORD"[\s\S]*"key":"WORD"/);
  expect(variables.out).not.toContain("Welcome");
  const stores = await town.run(blocksOf("The standard library").join(""));
  expect(stores.out).toMatch(/"rows":\[\[1\]\][\s\S]*"ok"\[\{"key":"hi","size":3,/);
  const modules = await town.run(blocksOf("Vals as modules").join(""));
  expect(modules.out).toStartWith("/* Open in Hamlet: ");
  const [cron, mail, script, ...more] = blocksOf("Cron, mails, scripts, background work");
  expect(more).toEqual([]);
  expect((await town.run(cron!)).out).toMatch(
    /cron\.ts: 30 9 \* \* 1-5 \(Europe\/Berlin\)\n( {2}next .*\n){5}/,
  );
  expect((await town.run(mail!)).out).toContain('"text":"ann@example.org Good evening"');
  expect((await town.run(script!)).out).toMatch(/adding\nMap\(1\) \{ "sum" => 3 \}\n20\d\d-\S+Z\n$/);
}

test("the tools of Val Town work as it is written", async () => {
  await using town = await openTown(["hello"]);
  const [sdk, curl, oauth, ...more] = blocksOf("Use your Val Town tools with Hamlet");
  expect(more).toEqual([]);
  town.shell = `TOKEN=${town.token}`;
  const listed = await town.run(sdk!);
  expect([listed.code, listed.err]).toEqual([0, ""]);
  expect(listed.out).toMatch(/^hello$/m);
  expect(listed.out).toEndWith("kept by the SDK\n\n");
  const answers = await town.run(curl!);
  expect(answers.out).toMatch(/"username":"me"[\s\S]*"name":"hello"[\s\S]*"statusCode":401/);
  const registered = await town.run(oauth!);
  expect(registered.out).toMatch(/"issuer":"http:\/\/localhost:\d+\/oauth"[\s\S]*"client_id":"/);
}, 120_000);

test("the pages on accounts and on domains work as they are written", async () => {
  await using town = await openTown(["hello"]);
  await addUser(town.data, "ann");
  // The operator is the first user, which in tests is another than `me`.
  town.shell = `TOKEN=${(await addUser(town.data, "tester")).token}`;
  const [password, ...accounts] = pageOf("accounts.md");
  expect((await town.run(password!)).out).toMatch(/^http:\/\/localhost:\d+\/auth\/reset\?token=[\w-]+\n$/);
  const done = await town.run(accounts.join("echo\n"));
  expect([done.code, done.err]).toEqual([0, ""]);
  expect(done.out).not.toContain('"statusCode"');
  expect(done.out).toMatch(/"maxUses":5[\s\S]*"label":"backup"[\s\S]*"role":"member"[\s\S]*"name":"shared"/);
  const [file, subdomain, claim, verify, ...more] = pageOf("domains.md");
  expect([more, verify]).toEqual([[], expect.stringContaining("/verify")]);
  town.shell = `TOKEN=${town.token}`;
  const hello = await town.run("curl http://localhost:3000/api/v2/alias/vals/me/hello");
  town.shell += `\nID=${JSON.parse(hello.out).id}\n${file}`;
  expect((await town.run(subdomain!)).out).toMatch(/"subdomain":"my-shop"[\s\S]*Hello, world!\n$/);
  const claimed = JSON.parse((await town.run(claim!)).out);
  expect(claimed).toMatchObject({
    host: "shop.example.org",
    verified: false,
    target: "domains.web.localhost",
  });
}, 120_000);

test("the pages on cron, mails and scripts work as they are written", async () => {
  const mail = ["--mail-domain", "mail.example.org", "--smtp-port", "0"];
  await using town = await openTown(["mailToChat", "uptime", "webhookLater"], ...mail);
  const { token } = await addUser(town.data, "tester");
  town.shell = `TOKEN=${town.token}`;
  const [resume, schedule, past, operator, ...more] = pageOf("cron.md");
  expect(more).toEqual([]);
  expect((await town.run(resume!)).out).toMatch(/every 5 minutes[\s\S]*30 9 \* \* 1-5[\s\S]*\nup http:/);
  const looked = await town.run(`${schedule}\necho\n${past}`);
  expect([looked.code, looked.err]).toEqual([0, ""]);
  expect(looked.out).not.toContain('"statusCode"');
  expect(looked.out).toMatch(/"nextRuns":\["20[\s\S]*"data":\[[\s\S]*"status":"ok"[\s\S]* up http:/);
  await addUser(town.data, "ann");
  // The operator is the first user, which in tests is another than `me`.
  expect((await town.run(`TOKEN=${token}\n${operator}`)).out).toContain('"minPeriodSeconds":900');

  const mails = await town.run(pageOf("email.md").join("\n"));
  expect(mails.code).toBe(0);
  expect(mails.out).not.toContain('"statusCode"');
  expect(mails.out).toMatch(
    /Hello, 0 files[\s\S]*A mail as it is, 0 files[\s\S]*"state":"delivered"[\s\S]*"outcome":"ok"/,
  );
  const [, smtpPort] = /comes in at 127\.0\.0\.1, port (\d+)/.exec(town.log()) ?? [];
  const [serve, letter, ...rest] = pageOf("mail-server.md");
  expect([rest, serve]).toEqual([[], expect.stringContaining("--smtp-port 2525")]);
  expect(await town.run(letter!.replace("localhost:2525", `localhost:${smtpPort}`))).toEqual({
    out: "",
    err: "",
    code: 0,
  });

  const [script, later, ...none] = pageOf("scripts.md").filter((block) => !block.includes("USER/VAL"));
  expect(none).toEqual([]);
  const ran = await town.run(script!);
  expect(ran.out).toMatch(/^adding\nMap\(1\) \{ "sum" => 3 \}\n[\s\S]*event: result\n/);
  expect((await town.run(later!)).out).toContain('{"id":1,"status":"accepted"}');
}, 120_000);

test("what the README says to try of each example answers", async () => {
  const rows = [...sectionOf("Examples").matchAll(/^\| `(\w+)` \|.*\| (?:[^`|]*)`(.*)` \|$/gm)];
  expect(rows.map((match) => match[1]!).sort()).toEqual(readdirSync(join(ROOT, "examples")).sort());
  const lines = rows
    .map((match) => match[2]!.replaceAll("\\|", "|"))
    .filter((line) => !/…|new Web/.test(line));
  expect(lines.length).toBe(rows.length - 2);
  for (const line of lines) {
    const { out, err } = await first.run(`${line.replace("curl ", "curl --fail ")} | head -c 60`);
    // Of a stream that goes on, curl is told in the midst that nobody reads any more.
    expect([line, out.length > 0, err.replace(/^curl: \(23\) .*\n/, "")]).toEqual([line, true, ""]);
  }
}, 120_000);

test("npm start passes SIGTERM on: the server ends with it", async () => {
  const data = mkdtempSync(join(tmpdir(), "readme-"));
  const flags = ["--port", "0", "--data", data, "--sandbox", "deno", "--json"];
  const npm = Bun.spawn(["npm", "start", "--silent", "--", ...flags], {
    cwd: ROOT,
    stdout: "pipe",
    stderr: "ignore",
  });
  let said = "";
  for await (const piece of npm.stdout.pipeThrough(new TextDecoderStream())) {
    said += piece;
    if (said.includes("\n")) break;
  }
  const { ready, pid } = JSON.parse(said.split("\n")[0]!);
  expect(ready).toBe(true);
  npm.kill("SIGTERM");
  await npm.exited;
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  rmSync(data, { recursive: true });
}, 60_000);
