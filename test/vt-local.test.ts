/** A town as `VT_LOCAL=1 vt` finds it: the app at one port of localhost, the API at another. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHamlet, type TestHamlet } from "./support/server.ts";
import { edit, Vt } from "./support/vt.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "vt-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The first things that somebody does with `vt`. */
async function tryTown(hamlet: TestHamlet, apiPort: number): Promise<void> {
  const api = `http://localhost:${apiPort}`;
  const vt = new Vt(api, hamlet.token);
  const name = `local${apiPort}`;
  const files = Object.fromEntries(
    Array.from({ length: 25 }, (_, n) => [`f${n}.ts`, `export const n = ${n};`]),
  );
  edit(join(home, name), { ...files, "main.http.ts": 'export default () => new Response("here");' });
  const { folder, changes, val } = await vt.create(join(home, name), name);
  expect(changes.warnings).toEqual({});
  expect(val.links).toEqual({
    self: `${api}/v2/vals/${val.id}`,
    html: `http://localhost:${hamlet.port}/x/tester/${name}`,
  });
  // More than a page: the next one is asked where the first was.
  expect((await vt.items(val.id, folder.state.branch.id, 99)).length).toBe(26);
  await vt.clone(join(home, `${name}-copy`), name);
  const web = await fetch(`http://localhost:${hamlet.port}/oauth/.well-known/openid-configuration`);
  const { issuer, device_authorization_endpoint, token_endpoint } = (await web.json()) as Record<
    string,
    string
  >;
  const oauth = `http://localhost:${hamlet.port}/oauth`;
  expect([issuer, device_authorization_endpoint, token_endpoint]).toEqual([
    oauth,
    expect.stringMatching(new RegExp(`^${oauth}/`)),
    expect.stringMatching(new RegExp(`^${oauth}/`)),
  ]);
}

test("the API has a port of its own, and its links stay there", async () => {
  await using hamlet = await startHamlet({ args: ["--api-port", "0", "--pool", "0"] });
  await tryTown(hamlet, Number(hamlet.firstLine.apiPort));
}, 60_000);

const isFree = (port: number) => {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
};

// Somebody's own town may be there.
test.skipIf(![3000, 3001].every(isFree))(
  "vt's own two ports will do",
  async () => {
    await using hamlet = await startHamlet({ port: 3000, args: ["--api-port", "3001", "--pool", "0"] });
    await tryTown(hamlet, 3001);
  },
  60_000,
);
