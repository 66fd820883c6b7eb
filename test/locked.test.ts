/** Vals that are not one bundle: with packages beside it (level 1), or module by module (level 2), each in a process of its own. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPool } from "../src/pool/pool.ts";
import type { Pool } from "../src/pool/types.ts";
import { BASE, bundle, lockOf, overlay } from "./support/artifact.ts";
import type { TestSandbox } from "./support/guest.ts";
import { deploymentOf, LIMITS } from "./support/pool.ts";
import { startWalls } from "./support/walls.ts";

const HONO = "npm:hono@4.6.14";
const SHARP = "npm:sharp@0.33.5";
const MODULES = {
  "main.ts": `import { Hono } from "${HONO}";
import { where } from "./lib/where.ts";
const name: string = "computed";
const { value } = await import("./lib/" + name + ".ts");
function thrower(): never {
  throw new Error("on purpose");
}
export default async (request: Request): Promise<Response> => {
  if (request.url.endsWith("/throw")) thrower();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const said = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.terminate();
  return Response.json({ url: import.meta.url, lib: where(), value, hono: typeof Hono, said });
};`,
  "lib/where.ts": "export const where = (): string => import.meta.url;",
  "lib/computed.ts": "export const value: number = 1;",
  "worker.ts": `import { where } from "./lib/where.ts";
const tried = (run: () => unknown): string => { try { return String(run()); } catch (error) { return error.name; } };
postMessage([where(), tried(() => Deno.readTextFileSync("/etc/passwd")), tried(() => Deno.writeTextFileSync("/written", ""))]);`,
};

for (const mode of ["auto", "deno"] as const) {
  describe(`with walls of ${mode}`, () => {
    let sandbox: TestSandbox;
    let pool: Pool;
    const logs: string[] = [];
    const locks: Record<string, string> = {};

    beforeAll(async () => {
      sandbox = await startWalls({ mode });
      locks.hono = await lockOf(sandbox.cache, [HONO]);
      locks.modules = await lockOf(sandbox.cache, [HONO], MODULES);
      locks.sharp = await lockOf(sandbox.cache, [SHARP]);
      const events = { log: ({ text }: { text: string }) => logs.push(text), died() {} };
      pool = createPool({ sandbox: sandbox.sandbox, limits: { ...LIMITS, blank: 0 }, events });
    }, 120_000);
    afterAll(async () => {
      await pool.close();
      await sandbox[Symbol.asyncDispose]();
    });

    let count = 0;
    const deploy = (files: Record<string, string>, entry: string) =>
      deploymentOf(`val${++count}`, {
        artifact: sandbox.writeVal(files),
        entry,
        start: "locked",
        module: `${BASE}main.ts`,
      });
    const ask = async (deployment: ReturnType<typeof deploy>, path = "/") => {
      const lease = await pool.lease(deployment);
      const answer = await fetch(`http://val.test${path}`, { unix: lease.target.socketPath });
      const text = await answer.text();
      lease.release();
      return text;
    };
    const failureOf = async (deployment: ReturnType<typeof deploy>) =>
      (await pool.prepare(deployment))?.message;

    test("a package that is left out of the bundle is the lock's", async () => {
      const main = `import { Hono } from "${HONO}"; export default new Hono().all("*", (c) => c.text("hono")).fetch;`;
      const deployment = deploy(
        { ...(await bundle({ "main.ts": main })), "deno.lock": locks.hono! },
        "bundle.js",
      );
      expect(await ask(deployment)).toBe("hono");
    });

    test("a package that the lock does not have is refused, by name", async () => {
      const main = `import { x } from "npm:left-pad@1.3.0"; export default () => new Response(x);`;
      const deployment = deploy(
        { ...(await bundle({ "main.ts": main })), "deno.lock": locks.hono! },
        "bundle.js",
      );
      expect(await failureOf(deployment)).toContain("left-pad");
    });

    test("modules run one by one by their own addresses, computed imports and workers too", async () => {
      const deployment = deploy({ ...overlay(MODULES), "deno.lock": locks.modules! }, `${BASE}main.ts`);
      expect(JSON.parse(await ask(deployment))).toEqual({
        url: `${BASE}main.ts`,
        lib: `${BASE}lib/where.ts`,
        value: 1,
        hono: "function",
        said: [`${BASE}lib/where.ts`, "NotCapable", "NotCapable"],
      });
      await ask(deployment, "/throw");
      expect(logs.find((text) => text.includes("on purpose"))).toContain(`at thrower (${BASE}main.ts:6:9)`);
    });

    test("a module that is not there is told by its address and by code", async () => {
      const modules = { "main.ts": `import "./nowhere.ts"; export default 1` };
      const lock = await lockOf(sandbox.cache, [], modules);
      const told = await failureOf(deploy({ ...overlay(modules), "deno.lock": lock }, `${BASE}main.ts`));
      expect(told).toContain(`${BASE}nowhere.ts`);
      expect(told).toContain("ERR_MODULE_NOT_FOUND");
    });

    test("another content than the lock has is refused", async () => {
      const lock = await lockOf(sandbox.cache, [], { "main.ts": "export default () => new Response('a')" });
      const files = overlay({ "main.ts": "export default () => new Response('b')" });
      expect(await failureOf(deploy({ ...files, "deno.lock": lock }, `${BASE}main.ts`))).toContain(
        "lockfile",
      );
    });

    test("files of this machine stay shut, and other hosts unasked", async () => {
      const modules = {
        "main.ts": `const tried = (what: string) => import(what).then(() => "loaded", (error) => error.message);
          export default async () => Response.json([await tried("file:///etc/hostname"), await tried("https://esm.town/v/other/x/main.ts")]);`,
      };
      const lock = await lockOf(sandbox.cache, [], modules);
      const deployment = deploy({ ...overlay(modules), "deno.lock": lock }, `${BASE}main.ts`);
      const [file, host] = JSON.parse(await ask(deployment));
      expect(file).toContain("outside-of-this-val");
      expect(host).toContain("Specifier not found in cache");
    });

    test("machine code of a package is refused, and its author is told why", async () => {
      const main = `import sharp from "${SHARP}"; export default () => new Response(typeof sharp);`;
      const deployment = deploy(
        { ...(await bundle({ "main.ts": main })), "deno.lock": locks.sharp! },
        "bundle.js",
      );
      const told = await failureOf(deployment);
      expect(told).toContain("--native-packages");
      expect(told).not.toContain(sandbox.cache);
    });
  });
}

test("where the operator allows it, packages bring machine code, and a val still none of its own", async () => {
  await using sandbox = await startWalls({ mode: "auto", nativePackages: true });
  if (sandbox.sandbox.level === "deno") return;
  const main = `import sharp from "${SHARP}";
    const tried = (path: string) => { try { process.dlopen({ exports: {} }, path); return "loaded"; } catch (error) { return error.message; } };
    export default async () => {
      const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).png().toBuffer();
      const own = Deno.makeTempDirSync() + "/own.node";
      Deno.writeFileSync(own, new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
      return Response.json([png.toString("latin1", 1, 4), tried(own), tried("/lib/x86_64-linux-gnu/libc.so.6")]);
    };`;
  const files = { ...(await bundle({ "main.ts": main })), "deno.lock": await lockOf(sandbox.cache, [SHARP]) };
  const artifact = sandbox.writeVal(files);
  const guest = await sandbox.startLocked(artifact);
  await guest.report("ready");
  guest.become(artifact, "bundle.js");
  await guest.report("loaded");
  const [png, ...others] = JSON.parse((await guest.get()).bodyText);
  expect(png).toBe("PNG");
  for (const told of others) expect(told).toContain("Requires ffi access");
});
