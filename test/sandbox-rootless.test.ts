/** All walls without root: the same namespaces, made by a user who may do nothing else. */

import { expect, test } from "bun:test";
import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const NOBODY = 65534;
const root = process.platform === "linux" && process.getuid?.() === 0;

const SERVER = `
import { startObedient, startWalls } from ${JSON.stringify(join(ROOT, "test/support/walls.ts"))};
await using walls = await startWalls({ permissions: "allow-all" });
const [val, other] = [await startObedient(walls), await startObedient(walls)];
const code = \`
  const tried = {};
  const all = { file: () => Deno.readTextFile("/etc/shadow"), host: () => Deno.connect({ hostname: "127.0.0.1", port: \${process.argv[2]} }),
    metadata: () => Deno.connect({ hostname: "169.254.169.254", port: 80 }), signal: () => Deno.kill(\${process.pid}, "SIGCONT"),
    write: () => Deno.writeTextFile("/val/x", "") };
  for (const [name, each] of Object.entries(all)) tried[name] = await Promise.resolve().then(each).then(() => "done", () => "refused");
  const status = Deno.readTextFileSync("/proc/self/status");
  return { tried, caps: /CapEff:\\\\s+(\\\\w+)/.exec(status)[1], tasks: /Max processes\\\\s+(\\\\d+)/.exec(Deno.readTextFileSync("/proc/self/limits"))[1] };\`;
console.log(JSON.stringify({ level: walls.sandbox.level, user: process.getuid(), answer: await val.run(code), other: await other.run("return 1") }));
`;

/** A checkout in /root cannot be read by anyone else. */
function isReadableByAll(folder: string): boolean {
  return (statSync(folder).mode & 0o005) === 0o005 && (folder === "/" || isReadableByAll(dirname(folder)));
}

test.if(root && isReadableByAll(ROOT))(
  "a server that is not root confines its workers as well",
  async () => {
    const origin = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const temp = mkdtempSync(join(isReadableByAll(tmpdir()) ? tmpdir() : "/tmp", "rootless-"));
    chownSync(temp, NOBODY, NOBODY);
    await Bun.write(join(temp, "server.ts"), SERVER);
    const user = ["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups", "--"];
    const server = Bun.spawn([...user, process.execPath, join(temp, "server.ts"), `${origin.port}`], {
      env: { PATH: process.env.PATH, HOME: temp, TMPDIR: temp },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [said, complaint] = await Promise.all([server.stdout.text(), server.stderr.text()]);
    expect([await server.exited, complaint]).toEqual([0, ""]);
    const refused = {
      file: "refused",
      host: "refused",
      metadata: "refused",
      signal: "refused",
      write: "refused",
    };
    expect(JSON.parse(said)).toEqual({
      level: "full",
      user: NOBODY,
      answer: { tried: refused, caps: "0000000000000000", tasks: "32" },
      other: 1,
    });
    await origin.stop(true);
    rmSync(temp, { recursive: true });
  },
  60_000,
);
