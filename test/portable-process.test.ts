// @alone
/** Archives between real servers: large ones flow, whoever leaves leaves nothing, and a val runs where it has come to. */

import { expect, test } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { residentBytes } from "./support/memory.ts";
import { addUser, makeTempFolder, runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";

const MB = 1024 * 1024;
const PIECE = 64 * 1024;
/** Far above what buffers and a garbage collector's laziness take, far below what flows. */
const SLACK = 160 * MB;

async function growthDuring(hamlet: TestHamlet, action: () => Promise<void>): Promise<number> {
  const before = residentBytes(hamlet.pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(hamlet.pid));
  }, 10);
  await action();
  clearInterval(timer);
  return most - before;
}

async function storeBlob(hamlet: TestHamlet, key: string, bytes: number): Promise<void> {
  let left = bytes;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left === 0) return controller.close();
        controller.enqueue(new Uint8Array(PIECE).fill(left / PIECE));
        left -= PIECE;
      },
    },
    { highWaterMark: 0 },
  );
  expect((await hamlet.api(`/v1/blob/${key}`, { method: "POST", body })).status).toBe(201);
}

/** Files that the server has open below its data folder, those without a name included. */
function openFiles({ pid, data }: TestHamlet): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return path.startsWith(join(data, "blobs")) || path.startsWith(join(data, "spool")) ? [path] : [];
    } catch {
      return [];
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(20);
}

test("a large account goes out and comes in without taking memory, and whoever leaves leaves nothing", async () => {
  await using hamlet = await startHamlet({ args: ["--pool", "0", "--max-body", "2GB"] });
  const other = await addUser(hamlet.data, "other");
  const asOther = { authorization: `Bearer ${other.token}` };
  await storeBlob(hamlet, "small", 32 * MB);
  const exported = () => hamlet.api("/v3/me/export");
  const pass = async () => {
    const body = (await exported()).body!;
    return await hamlet.api("/v3/import?on_conflict=skip", { method: "POST", headers: asOther, body });
  };
  // What the first few megabytes take is there for good.
  expect((await pass()).status).toBe(200);
  await storeBlob(hamlet, "large", 256 * MB);
  const growth = await growthDuring(hamlet, async () => {
    const answer = await pass();
    expect(await answer.json()).toMatchObject({ blobs: { stored: 1, skipped: 1 } });
  });
  expect(growth).toBeLessThan(SLACK);
  const listed = (await (await hamlet.api("/v1/blob", { headers: asOther })).json()) as { size: number }[];
  expect(listed.map(({ size }) => size)).toEqual([256 * MB, 32 * MB]);
  // A reader who leaves in the middle of a blob.
  const leaver = (await exported()).body!.getReader();
  for (let read = 0; read < 40 * MB; ) read += (await leaver.read()).value!.length;
  expect(openFiles(hamlet)).not.toEqual([]);
  await leaver.cancel();
  await until(() => openFiles(hamlet).length === 0);
  // A sender who leaves.
  const halves = (await exported()).body!.getReader();
  const broken = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await halves.read();
      if (openFiles(hamlet).some((path) => path.includes("spool"))) controller.error(new Error("gone"));
      else controller.enqueue(value!);
    },
  });
  const sent = hamlet.api("/v3/import", { method: "POST", headers: asOther, body: broken });
  await sent.catch(() => {});
  await halves.cancel();
  await until(() => openFiles(hamlet).length === 0);
  expect(readdirSync(join(hamlet.data, "spool"))).toEqual([]);
}, 120_000);

test("a val of another Hamlet runs here, where the operator lets vals go there", async () => {
  await using source = await startHamlet({ args: ["--pool", "0"] });
  const id = (await source.val("moved", "export default () => new Response('moved in')")).id;
  await source.api(`/v2/vals/${id}/environment_variables`, { json: { key: "A", value: "1" } });
  const url = `http://127.0.0.1:${source.port}/api`;
  const request = { json: { url, token: source.token } };
  await using hamlet = await startHamlet({ args: ["--egress-allow", `127.0.0.1:${source.port}`] });
  const refused = await source.api("/v3/import/remote", request);
  expect([refused.status, ((await refused.json()) as Error).message]).toEqual([
    403,
    expect.stringContaining("may not be reached"),
  ]);
  const answer = await hamlet.api("/v3/import/remote", request);
  const report = (await answer.json()) as { vals: object[] };
  expect(report.vals).toMatchObject([
    { name: "moved", status: "made", build: "ok", missingVariables: ["A"] },
  ]);
  const host = `tester-moved.web.localhost:${hamlet.port}`;
  const page = await fetch(`http://127.0.0.1:${hamlet.port}/`, { headers: { host } });
  expect(await page.text()).toBe("moved in");
  using temp = makeTempFolder();
  const file = join(temp.path, "tester.tar");
  const taken = await runHamlet(["export", "tester", file, "--data", hamlet.data]);
  expect(taken).toMatchObject({ code: 0, err: "" });
  const again = ["import", file, "--data", source.data, "--user", "tester"];
  const refusal = await runHamlet(again);
  expect([refusal.code, refusal.err]).toEqual([2, expect.stringContaining("--on-conflict skip")]);
  const brought = await runHamlet([...again, "--on-conflict", "rename"]);
  expect([brought.code, brought.out]).toEqual([0, expect.stringContaining("moved: made as moved-2")]);
  for (const { log } of [source, hamlet]) expect(log).not.toContain(source.token);
}, 120_000);
