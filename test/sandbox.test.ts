/** Each wall of a worker, alone: Deno's permissions without namespaces, and namespaces without Deno's permissions. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestSandbox } from "./support/guest.ts";
import { type Obedient, startObedient, startWalls } from "./support/walls.ts";

const root = process.platform === "linux" && process.getuid?.() === 0;

/** A file of the host that a val must not read, and what is in it. */
const secrets = mkdtempSync(join(tmpdir(), "secret-"));
const secret = join(secrets, "secret.txt");
writeFileSync(secret, "host-secret");
writeFileSync(join(secrets, "secret.json"), '{"secret":"host-secret"}');
writeFileSync(join(secrets, "secret.ts"), 'export default "host-secret";');
process.env.HAMLET_TEST_SECRET = "host-secret";
afterAll(() => rmSync(secrets, { recursive: true }));

/** What no val may do, behind whichever wall. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  "read a host file": `return Deno.readTextFileSync(${JSON.stringify(secret)})`,
  "read it over /proc": `return Deno.readTextFileSync("/proc/1/root${secret}")`,
  "read it over a symlink": `Deno.symlinkSync(${JSON.stringify(secret)}, Deno.env.get("S") + "/l"); return Deno.readTextFileSync(Deno.env.get("S") + "/l")`,
  "import it as text": `return (await import("file://" + ${JSON.stringify(secret)}, { with: { type: "text" } })).default`,
  "import it as JSON": `return (await import("file://${secrets}/sec" + "ret.json", { with: { type: "json" } })).default.secret`,
  "import it as a module": `return (await import("file://${secrets}/sec" + "ret.ts")).default`,
  "import it from a data: module": `return (await import("data:text/javascript,import t from 'file://${secret}' with { type: 'text' }; export default t")).default`,
  "import it from a module it wrote": `const f = Deno.env.get("S") + "/m.js"; Deno.writeTextFileSync(f, "export { default } from 'file://${secrets}/secret.ts'"); return (await import("file://" + f)).default`,
  "require it": `const { createRequire } = await import("node:module"); return createRequire("file:///x.js")("${secrets}/secret.json").secret`,
  "see the host's environment": `return Object.values(Deno.env.toObject()).find((value) => value === "host-secret") ?? Promise.reject(new Error("nothing"))`,
  "write beside its own files": `Deno.writeTextFileSync(new URL("x", Deno.env.get("V")), "x")`,
  "write to the package cache": `Deno.writeTextFileSync(Deno.env.get("C") + "/x", "x")`,
  "start a program": `return (await new Deno.Command("/bin/sh", { args: ["-c", "echo host-secret"] }).output()).code`,
  "signal a process of the host": `Deno.kill(${process.pid}, "SIGCONT")`,
};

function forbiddenIn(walls: () => TestSandbox, where: { scratch: string; val: string; cache: string }) {
  for (const [what, code] of Object.entries(FORBIDDEN)) {
    test(`cannot ${what}`, async () => {
      const val = await startObedient(walls());
      const scratch = where.scratch || join(val.guest.confined.socketPath, "../../tmp");
      const set = `Deno.env.set("S", "${scratch}"); Deno.env.set("V", "${where.val}"); Deno.env.set("C", "${where.cache}");`;
      const answer = await val.run(set + code);
      val.guest.confined.kill();
      expect(answer).toEqual({ error: expect.any(String) });
      expect(answer.error).not.toContain("host-secret");
      expect(answer.error).not.toMatch(/SyntaxError|ReferenceError/);
    });
  }
}

describe("Deno's permissions alone", () => {
  let walls: TestSandbox;
  beforeAll(async () => {
    walls = await startWalls({ mode: "deno" });
  });
  afterAll(() => walls[Symbol.asyncDispose]());

  test("the level says so", () => {
    expect(walls.sandbox.level).toBe("deno");
    expect(walls.sandbox.description).toContain("--sandbox deno");
  });

  forbiddenIn(() => walls, { scratch: "", val: "file:///val/", cache: "/cache" });

  test("can write and import in its own scratch folder, and sees its own environment only", async () => {
    const val = await startObedient(walls);
    const own = `const f = Deno.makeTempFileSync({ suffix: ".js" }); Deno.writeTextFileSync(f, "export default 7"); return (await import("file://" + f)).default`;
    expect(
      await val.run(
        `Deno.env.set("TMPDIR", ${JSON.stringify(join(val.guest.confined.socketPath, "../../tmp"))}); ${own}`,
      ),
    ).toBe(7);
    expect(await val.run("return Deno.env.get('SECRET')")).toBe("of-this-val");
    val.guest.confined.kill();
  });

  test("cannot connect to a unix socket, its own nor another's", async () => {
    const [val, other] = [await startObedient(walls), await startObedient(walls)];
    for (const { guest } of [val, other]) {
      const path = JSON.stringify(guest.confined.socketPath);
      const answer = await val.run(`await Deno.connect({ transport: "unix", path: ${path} })`);
      expect(answer.error).toMatch(/^NotCapable/);
    }
    for (const { guest } of [val, other]) guest.confined.kill();
  });
});

describe.if(root)("namespaces alone, Deno allowing everything", () => {
  let walls: TestSandbox;
  let val: Obedient;
  beforeAll(async () => {
    walls = await startWalls({ permissions: "allow-all" });
    val = await startObedient(walls);
  });
  afterAll(() => walls[Symbol.asyncDispose]());

  test("this machine has all walls", () => {
    expect(walls.sandbox.level).toBe("full");
  });

  forbiddenIn(() => walls, { scratch: "/tmp", val: "file:///val/", cache: "/cache" });

  test("sees a small read-only root, two processes and a user without rights", async () => {
    const names = await val.run('return [...Deno.readDirSync("/")].map((entry) => entry.name).sort()');
    expect(names.toSorted()).toEqual([
      "cache",
      "deno",
      "dev",
      "door",
      "etc",
      "hamlet",
      "lib",
      "lib64",
      "proc",
      "sock",
      "tmp",
      "usr",
      "val",
    ]);
    const processes = await val.run(
      'return [...Deno.readDirSync("/proc")].filter((entry) => +entry.name).length',
    );
    expect(processes).toBe(2);
    const status: string = await val.run('return Deno.readTextFileSync("/proc/self/status")');
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    for (const folder of ["/", "/etc", "/dev", "/dev/shm", "/hamlet", "/deno", "/sock"]) {
      const answer = await val.run(`Deno.writeTextFileSync("${folder}/x", "")`);
      expect(answer).toEqual({ error: expect.any(String) });
    }
  });

  test("its scratch folder is its own and has a size", async () => {
    const other = await startObedient(walls);
    await other.run('Deno.writeTextFileSync("/tmp/of-other", "")');
    expect(await val.run('return [...Deno.readDirSync("/tmp")].length')).toBe(0);
    const fill =
      'const part = new Uint8Array(2 ** 20); for (let i = 0; ; i++) Deno.writeFileSync("/tmp/" + i, part)';
    expect((await other.run(fill)).error).toContain("No space left");
    other.guest.confined.kill();
  });

  test("another worker's socket and files are not there", async () => {
    const other = await startObedient(walls);
    const { socketPath } = other.guest.confined;
    for (const path of [socketPath, `/tmp/run/${other.guest.confined.id}/sock/s`]) {
      const answer = await val.run(`await Deno.connect({ transport: "unix", path: "${path}" })`);
      expect(answer.error).toContain("No such file");
    }
    other.guest.confined.kill();
  });

  test("no more processes and threads than allowed, and no more open files", async () => {
    const bomb = await startObedient(walls);
    const fork = `const command = new Deno.Command("/deno/deno", { args: ["eval", "setInterval(() => {}, 1e3)"] });
      for (let i = 0; i < 40; i++) { command.spawn(); await new Promise((done) => setTimeout(done, 20)); }`;
    expect((await bomb.run(fork)).error).toContain("Resource temporarily unavailable");
    const open = 'const all = []; for (;;) all.push(Deno.openSync("/dev/null"))';
    expect((await bomb.run(open)).error).toContain("Too many open files");
    expect((await val.run('return Deno.readTextFileSync("/proc/loadavg")')).length).toBeGreaterThan(0);
    bomb.guest.confined.kill();
  });

  test("each worker is a user of its own on the host", async () => {
    const other = await startObedient(walls);
    const users = [val, other].map(({ guest }) => statSync(guest.confined.socketPath).uid);
    expect(users.every((user) => user >= 0x7000_0000)).toBe(true);
    expect(users[0]).not.toBe(users[1]);
    other.guest.confined.kill();
  });
});

for (const mode of ["deno", ...(root ? (["strict"] as const) : [])] as const) {
  describe(`a worker at level ${mode}`, () => {
    let walls: TestSandbox;
    beforeAll(async () => {
      walls = await startWalls({ mode });
    });
    afterAll(() => walls[Symbol.asyncDispose]());

    test("tells what it uses while it lives, and how it ended", async () => {
      const val = await startObedient(walls);
      const { confined } = val.guest;
      const before = confined.usage()!;
      expect(before.rssBytes).toBeGreaterThan(16 * 2 ** 20);
      expect(before.tasks).toBeGreaterThan(1);
      await val.run("for (let i = 0; i < 3e8; i++);");
      expect(confined.usage()!.cpuMs).toBeGreaterThan(before.cpuMs);
      confined.kill();
      expect(await confined.exited).toEqual({ code: null, signal: "SIGKILL" });
      expect(confined.usage()).toBeUndefined();
      expect(() => confined.write("too late\n")).not.toThrow();
    });

    test("its exit code and a crash for want of memory are told apart", async () => {
      const leaver = await startObedient(walls);
      leaver.run("Deno.exit(7)").catch(() => {});
      expect(await leaver.guest.confined.exited).toEqual({ code: 7, signal: null });
      const hoarder = await startObedient(walls);
      hoarder.run("const all = []; for (;;) all.push({ a: all.length })").catch(() => {});
      expect((await hoarder.guest.confined.exited).signal).toMatch(/^SIG(TRAP|ILL|ABRT)$/);
    }, 30_000);

    test("one that is not listened to is held back, and nothing it says is lost", async () => {
      const confined = walls.sandbox.spawn();
      const hello = {
        kind: "hello",
        nonce: "n".repeat(32),
        socket: confined.guestSocketPath,
        logLines: 9,
        logBytes: 999,
      };
      confined.write(`${JSON.stringify(hello)}\n`);
      const reader = confined.stdout.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toContain('"ready"');
      const parts = 512;
      const source = `let written = 0;
        const part = new Uint8Array(65536).fill(46);
        (async () => { for (; written < ${parts}; written++) for (let at = 0; at < part.length; ) at += await Deno.stdout.write(part.subarray(at)); })();
        export default () => Response.json(written);`;
      confined.write(
        `${JSON.stringify({ kind: "claim", entry: confined.place(walls.writeVal(source), "main.ts"), env: {} })}\n`,
      );
      const written = async () =>
        (await fetch("http://val.test/", { unix: confined.socketPath })).json() as Promise<number>;
      let last = -1;
      for (let now = await written(); now !== last; now = await written()) {
        last = now;
        await Bun.sleep(50);
      }
      expect(last * 65536).toBeLessThan(8 * 2 ** 20);
      let heard = 0;
      while (heard < parts * 65536) {
        const { value, done } = await reader.read();
        if (done) break;
        heard += value.filter((byte) => byte === 46).length;
      }
      expect(heard).toBe(parts * 65536);
      confined.kill();
    });
  });
}

test.if(root)(
  "one that is killed while it starts leaves nothing either, and closing does not wait for a build",
  async () => {
    const walls = await startWalls();
    const confined = Array.from({ length: 6 }, () => walls.sandbox.spawn());
    const users = confined.map(({ socketPath }) => statSync(dirname(socketPath)).uid);
    for (const [turn, one] of confined.entries()) setTimeout(() => one.kill(), turn);
    const exits = await Promise.all(confined.map((one) => one.exited));
    expect(exits.map(({ signal }) => signal)).toEqual(exits.map(() => "SIGKILL"));
    expect(users.flatMap(processesOfUser)).toEqual([]);
    const endless = walls.sandbox.run({
      args: ["eval", "for (;;);"],
      folder: walls.writeVal(""),
      writeCache: false,
      timeoutMs: 600_000,
      maxOutputBytes: 1000,
    });
    await walls[Symbol.asyncDispose]();
    expect((await endless).code).not.toBe(0);
  },
);

function processesOfUser(uid: number): string[] {
  const isOfUser = (pid: string) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return status.includes(`\nUid:\t${uid}\t`) && !/^State:\s+[ZX]/m.test(status);
    } catch {
      return false;
    }
  };
  return readdirSync("/proc").filter((pid) => Number(pid) > 0 && isOfUser(pid));
}

test("a level that cannot be had is refused in one sentence", async () => {
  const folder = mkdtempSync(join(tmpdir(), "strict-"));
  const wanted = startWalls({ denoPath: join(folder, "no-deno") });
  await expect(wanted).rejects.toThrow(/^--sandbox strict needs all walls, but .+`hamlet doctor`/);
  rmSync(folder, { recursive: true });
});
