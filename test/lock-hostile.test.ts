/** Registries and packages that mean harm, or are just broken: a clear sentence in time, and nothing of the host is touched. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Locking, startLocking } from "./support/locking.ts";
import { type NpmRegistry, startNpmRegistry } from "./support/npm-registry.ts";
import { packTar, type TarEntry } from "./support/tar.ts";

const MB = 2 ** 20;
const manifest: TarEntry = { name: "package/package.json", body: "{}" };
const marker = join(tmpdir(), `pwned-${process.pid}`);

let registry: NpmRegistry;
let locking: Locking;

beforeAll(async () => {
  registry = startNpmRegistry({
    name: "good",
    version: "1.0.0",
    files: { "index.js": "export default 'good'" },
  });
  locking = await startLocking({ registry: registry.url });
});
afterAll(async () => {
  await locking[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** The one problem of a package that was published so. */
async function problemOf(name: string, tarball: Uint8Array | readonly TarEntry[]) {
  registry.publish({ name, version: "1.0.0", tarball });
  return onlyProblem(`npm:${name}`);
}

async function onlyProblem(specifier: string, timeoutMs = 20_000) {
  const [only, ...others] = await locking.problems([specifier], { timeoutMs });
  expect(others).toEqual([]);
  expect(only?.specifier).toBe(specifier);
  expect(`${only?.message} ${only?.hint ?? ""}`).not.toMatch(/hamlet-run|\/cache|stub\.ts|Stack backtrace/);
  return only!;
}

/** Everything in the cache that is of this package. */
const kept = (name: string) => {
  const [folder = ""] = readdirSync(join(locking.sandbox.cacheDir, "npm"));
  return readdirSync(join(locking.sandbox.cacheDir, "npm", folder, name)).filter(
    (one) => one !== "registry.json",
  );
};

describe("a registry", () => {
  test("that never answers costs its time and no more, and others go on meanwhile", async () => {
    registry.on("/silent", () => new Promise(() => {}));
    const started = performance.now();
    const waiting = onlyProblem("npm:silent", 4000);
    expect((await locking.lock(["npm:good"])).specifiers).toEqual({ "npm:good": "good@1.0.0" });
    const problem = await waiting;
    expect(problem.message).toBe('"npm:silent" could not be fetched in time.');
    expect(performance.now() - started).toBeLessThan(15_000);
  }, 30_000);

  test("that never answers many keeps none of them for longer, nor is it asked by all at once", async () => {
    const names = Array.from({ length: 12 }, (_, n) => `silent-${n}`);
    let open = 0;
    let most = 0;
    const silent = (request: Request) => {
      most = Math.max(most, ++open);
      request.signal.addEventListener("abort", () => open--);
      return new Promise<Response>(() => {});
    };
    for (const name of names) registry.on(`/${name}`, silent);
    const problems = await Promise.all(names.map((name) => onlyProblem(`npm:${name}`, 3000)));
    for (const { message } of problems) expect(message).toContain("could not be fetched in time");
    expect(most).toBeWithin(1, 9);
  }, 60_000);

  test("that never ends its answer", async () => {
    registry.publish({ name: "endless", version: "1.0.0" });
    registry.on("/endless/-/1.0.0.tgz", () => endless());
    expect((await onlyProblem("npm:endless")).message).toContain("is too large to be read");
  }, 60_000);

  test("that lies about what a package's archive is", async () => {
    registry.publish({ name: "lied", version: "1.0.0", integrity: `sha512-${btoa("0".repeat(64))}` });
    const { message, hint } = await onlyProblem("npm:lied");
    expect(message).toBe(
      'What the registry sent for "lied@1.0.0" is not what it had announced: the checksum differs.',
    );
    expect(hint).toContain("Nothing of it was kept");
    expect(kept("lied")).toEqual([]);
  });

  test.each([
    ["fails", "Bad response: 500", () => new Response("oops", { status: 500 })],
    ["talks nonsense", "did not tell", () => new Response("{ nope")],
    ["sends in circles", "Too many redirects", () => Response.redirect(`${registry.url}circle`)],
  ])(
    "that %s",
    async (name, says, answer) => {
      const path = name === "sends in circles" ? "circle" : `broken-${name.length}`;
      registry.on(`/${path}`, answer);
      expect((await onlyProblem(`npm:${path}`)).message).toContain(says);
    },
    30_000,
  );

  test("that has lost the archive", async () => {
    registry.publish({ name: "lost", version: "1.0.0" });
    registry.on("/lost/-/1.0.0.tgz", () => new Response(null, { status: 404 }));
    expect((await onlyProblem("npm:lost")).message).toContain("The registry has lost a package");
  });

  test("that sends elsewhere reaches nothing but what a package may be", async () => {
    const secret = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("root:secret") });
    registry.on("/elsewhere", () => Response.redirect(`http://127.0.0.1:${secret.port}/`));
    const { message, hint } = await onlyProblem("npm:elsewhere");
    expect(`${message}${hint}`).not.toContain("secret");
    await secret.stop(true);
  });
});

describe("a package", () => {
  test("never runs a script of its own", async () => {
    const touch = `touch ${marker}`;
    registry.publish({
      name: "scripted",
      version: "1.0.0",
      scripts: { preinstall: touch, install: touch, postinstall: touch, prepare: touch },
      files: { "binding.gyp": "{}", "index.js": "export default 1" },
    });
    const lock = await locking.lock(["npm:scripted"]);
    expect(lock.packages["scripted@1.0.0"]).toMatchObject({ scripts: true });
    expect(existsSync(marker)).toBe(false);
  });

  test.each([
    ["climbing", `package/../../../../../../../..${marker}`],
    ["rooted", marker],
    ["neighbour", "package/../../good/1.0.0/index.js"],
  ])("%s out of its folder is refused", async (name, path) => {
    const { message } = await problemOf(name, [manifest, { name: path, body: "pwned" }]);
    expect(message).toContain(`was refused: it has a file outside of its own folder, "${path}".`);
    expect(existsSync(marker)).toBe(false);
    expect(kept(name)).toEqual([]);
  });

  test("has no links in it, whatever its archive says", async () => {
    registry.publish({
      name: "linked",
      version: "1.0.0",
      tarball: [
        manifest,
        { name: "package/etc", kind: "symlink", target: "/etc" },
        { name: "package/etc/shadow2", body: "here" },
        { name: "package/up", kind: "symlink", target: "../../../../../../etc/passwd" },
        { name: "package/hard", kind: "hard link", target: "/etc/passwd" },
      ],
    });
    const { folder } = (await locking.lock(["npm:linked"])).packages["linked@1.0.0"]!;
    const entries = readdirSync(join(locking.sandbox.cacheDir, folder), {
      withFileTypes: true,
      recursive: true,
    });
    expect(entries.filter((entry) => !entry.isFile() && !entry.isDirectory())).toEqual([]);
    expect(existsSync("/etc/shadow2")).toBe(false);
    expect(entries.map(({ name }) => name)).not.toContain("hard");
  });

  test.each([
    ["no archive", new TextEncoder().encode("hello")],
    ["half an archive", packTar([manifest]).slice(0, 60)],
  ])("that is %s", async (_, tarball) => {
    const { message } = await problemOf(`damaged-${tarball.length}`, tarball);
    expect(message).toMatch(/could not be unpacked: .*\.$/);
  });

  test("with a gigabyte of zeros in a file, or in many, is given up, and the disk is free again", async () => {
    const one = packTar([manifest, { name: "package/zeros", body: new Uint8Array(1024 * MB) }]);
    expect((await problemOf("bomb", one)).message).toContain("is too large");
    const zeros = new Uint8Array(90 * MB);
    const many = Array.from({ length: 11 }, (_, n) => ({ name: `package/${n}`, body: zeros }));
    expect((await problemOf("bombs", packTar([manifest, ...many]))).message).toContain("is too large");
    expect([kept("bomb"), kept("bombs")]).toEqual([[], []]);
  }, 120_000);

  test("whose name or version would be a path leads nowhere", async () => {
    const evil = "../../../../../evil";
    registry.publish({ name: "wanders", version: "1.0.0", dependencies: { [evil]: "1" } });
    registry.publish({ name: evil, version: "1.0.0", files: { "index.js": "pwned" } });
    await onlyProblem("npm:wanders");
    registry.on("/versioned", () =>
      Response.json({
        name: "versioned",
        "dist-tags": { latest: "../../../../pwned" },
        versions: {
          "../../../../pwned": {
            version: "../../../../pwned",
            dist: { tarball: `${registry.url}good/-/1.0.0.tgz` },
          },
        },
      }),
    );
    await onlyProblem("npm:versioned");
    const inCache = readdirSync(locking.sandbox.cacheDir, { recursive: true, encoding: "utf8" });
    expect(inCache.filter((path) => /evil|pwned$/.test(path))).toEqual([]);
    expect(existsSync(join(locking.sandbox.cacheDir, "../pwned"))).toBe(false);
  });

  test("that needs a thousand others, or itself, comes to an end", async () => {
    for (let n = 0; n < 1000; n++) {
      registry.publish({
        name: `chain-${n}`,
        version: "1.0.0",
        dependencies: { [`chain-${(n + 1) % 1000}`]: "1" },
      });
    }
    const lock = await locking.lock(["npm:chain-0"]);
    expect(Object.keys(lock.packages)).toHaveLength(1000);
  }, 60_000);

  test("cannot change what another one's files are", async () => {
    const { folder } = (await locking.lock(["npm:good"])).packages["good@1.0.0"]!;
    const file = join(locking.sandbox.cacheDir, folder, "index.js");
    expect(readFileSync(file, "utf8")).toBe("export default 'good'");
    expect(statSync(file).nlink).toBe(1);
  });
});

function endless(): Response {
  const chunk = new Uint8Array(4 * MB);
  return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
}
