/** Programs of ours that work on what is not trusted: alone, without network, and gone with the server. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadableStreamDefaultReader } from "node:stream/web";
import type { ConfinedProgram, ProgramOptions } from "../src/sandbox/types.ts";
import type { TestSandbox } from "./support/guest.ts";
import { startWalls } from "./support/walls.ts";

const root = process.platform === "linux" && process.getuid?.() === 0;
const LIMITS = { dataBytes: 2 ** 30, tasks: 64, files: 256, fileBytes: 2 ** 24, scratchBytes: 2 ** 24 };

/** Answers each line on stdin with the JSON of what it evaluates to, or with its error. */
const OBEDIENT = `import { answer } from "./answer.ts";
for await (const line of console) {
  const value = await answer(line).catch((error) => ({ error: String(error) }));
  console.log(JSON.stringify(value ?? null));
}`;
const ANSWER = `import { createRequire } from "node:module";
const require = createRequire("/");
export const answer = async (line: string) => eval("(async () => {" + line + "})()");`;

/** As a checkout in /root: the way to what is shown is closed to others. */
const closed = mkdtempSync(join(tmpdir(), "program-"));
const [folder, kept] = [join(closed, "program"), join(closed, "kept")];
for (const path of [folder, kept]) mkdirSync(path, { mode: 0o755 });
writeFileSync(join(folder, "main.ts"), OBEDIENT);
writeFileSync(join(folder, "answer.ts"), ANSWER);
writeFileSync(join(kept, "old"), "kept");
afterAll(() => rmSync(closed, { recursive: true }));

class Obedient {
  readonly program: ConfinedProgram;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(walls: TestSandbox, options: Partial<ProgramOptions> = {}) {
    const mounts = [{ path: folder }];
    const main = join(folder, "main.ts");
    this.program = walls.sandbox.program({ main, mounts, env: { A: "1" }, limits: LIMITS, ...options });
    this.#reader = this.program.stdout.getReader();
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever it says
  async run(line: string): Promise<any> {
    this.program.write(`${line}\n`);
    let text = "";
    while (!text.endsWith("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`ended: ${await new Response(this.program.stderr).text()}`);
      text += new TextDecoder().decode(value);
    }
    return JSON.parse(text);
  }
}

const LEVELS = root ? (["deno", "auto"] as const) : (["deno"] as const);
for (const mode of LEVELS) {
  describe(`at level ${mode}`, () => {
    let walls: TestSandbox;
    let one: Obedient;
    beforeAll(async () => {
      walls = await startWalls({ mode });
      one = new Obedient(walls);
    });
    afterAll(() => walls[Symbol.asyncDispose]());

    test("it runs with its modules, its environment and a scratch folder of its own", async () => {
      const env = await one.run("return Object.keys(process.env).filter((name) => process.env[name])");
      expect(env.filter((name: string) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)).sort()).toEqual([
        "A",
        "HOME",
        "TMPDIR",
      ]);
      const write = `const f = process.env.TMPDIR + "/f"; require("fs").writeFileSync(f, "x"); return require("fs").statSync(f).size`;
      expect(await one.run(write)).toBe(1);
    });

    test("what it uses is counted together with what it started", async () => {
      const before = one.program.usage()!;
      await one.run(
        `globalThis.child = Bun.spawn([process.execPath, "-e", "console.log(1); setInterval(() => {}, 1e6)"], { stdout: "pipe", env: {} }); return (await child.stdout.getReader().read()).done`,
      );
      const after = one.program.usage()!;
      expect(after.rssBytes).toBeGreaterThan(before.rssBytes + 2 ** 24);
      await one.run("child.kill(); await child.exited");
    });

    test("it ends when it is killed, and with it what it started", async () => {
      const two = new Obedient(walls);
      await two.run(`Bun.spawn(["/usr/bin/prlimit"], { env: {} })`);
      two.program.kill();
      expect(await two.program.exited).toEqual({ code: null, signal: "SIGKILL" });
      expect(two.program.usage()).toBeUndefined();
    });

    test("what it writes where it may stays when it is gone", async () => {
      const three = new Obedient(walls, { mounts: [{ path: folder }, { path: kept, writable: true }] });
      const path = JSON.stringify(join(kept, mode));
      await three.run(`require("fs").writeFileSync(${path}, "new")`);
      expect(readFileSync(join(kept, mode), "utf8")).toBe("new");
      const old = JSON.stringify(join(kept, "old"));
      await three.run(`require("fs").writeFileSync(${old}, "changed")`);
      expect(readFileSync(join(kept, "old"), "utf8")).toBe("changed");
      three.program.kill();
    });

    test("memory beyond its limit is refused to it", async () => {
      const greedy = new Obedient(walls, { limits: { ...LIMITS, dataBytes: 400 * 2 ** 20 } });
      await greedy.run("return 1");
      greedy.program.write("globalThis.all = []; for (;;) all.push(new Uint8Array(2 ** 24).fill(1))\n");
      const told = await Promise.race([greedy.program.exited, greedy.run("return 2").catch(() => "ended")]);
      expect(told).toBeDefined();
      greedy.program.kill();
      await greedy.program.exited;
    });
  });
}

describe.if(root)("behind namespaces", () => {
  let walls: TestSandbox;
  let one: Obedient;
  beforeAll(async () => {
    walls = await startWalls({ mode: "auto" });
    one = new Obedient(walls);
  });
  afterAll(() => walls[Symbol.asyncDispose]());

  test("it has no network at all, not even a loopback that leads anywhere", async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Response("reached") });
    expect((await one.run(`return await (await fetch("${server.url}")).text()`)).error).toBeDefined();
    const names = await one.run(`return Object.keys(require("os").networkInterfaces())`);
    expect(names.filter((name: string) => name !== "lo")).toEqual([]);
    await server.stop(true);
  });

  test("it sees nothing of the host but what it was given, and can write none of that", async () => {
    expect((await one.run(`return require("fs").readFileSync("${kept}/old", "utf8")`)).error).toContain(
      "ENOENT",
    );
    expect(
      (await one.run(`require("fs").writeFileSync(${JSON.stringify(join(folder, "x"))}, "")`)).error,
    ).toContain("EROFS");
    expect((await one.run(`require("fs").writeFileSync("/x", "")`)).error).toContain("EROFS");
    const top = await one.run(`return require("fs").readdirSync("/")`);
    for (const name of ["root", "home", "var", "cache", "val"]) expect(top).not.toContain(name);
    const processes = await one.run(`return require("fs").readdirSync("/proc").filter(Number).length`);
    expect(processes).toBe(2);
    expect(await one.run("return process.getuid()")).toBe(1000);
  });
});
