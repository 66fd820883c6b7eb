import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/store/store.ts";
import { answer, pause } from "../client.ts";
import { createFolder, ROOT } from "../contestants/folder.ts";
import { type Started, startProcess } from "../process.ts";
import { median, quantile, Samples } from "../statistics.ts";
import type { Bench, Measure, Row } from "../types.ts";

const VALS = 100;
const FILES_PER_VAL = 100;
const FILES = VALS * FILES_PER_VAL;
/** How often somebody comes to the val beside, and for how long before anything is due. */
const PAUSE_MS = 20;
const ALONE_MS = 20_000;
/** Longer than this, and it has failed. */
const PATIENCE_MS = 60 * 60_000;

/** 10,000 interval files that are due in the same minute, and what visitors of another val notice of it: some minutes. */
export const cron: Measure = { name: "cron", long: true, run };

interface Ready {
  readonly url: string;
  readonly api: string;
}

interface Place {
  readonly folder: string;
  readonly token: string;
}

async function run(bench: Bench): Promise<Row[]> {
  const folder = createFolder();
  try {
    const place = { folder: folder.path, token: await addUsers(folder.path) };
    const first = await serve(place);
    const { hello, fileId } = await makeVals(first.ready.api, place);
    await first.stop();
    seed(place.folder, fileId);
    bench.progress(`${FILES} interval files in ${VALS} vals`);
    const server = await serve(place);
    try {
      return await measure(bench, place, server, new URL(hello).host);
    } finally {
      await server.stop();
    }
  } finally {
    folder.remove();
  }
}

async function measure(bench: Bench, place: Place, server: Started<Ready>, host: string): Promise<Row[]> {
  const port = Number(new URL(server.ready.url).port);
  const until = performance.now() + ALONE_MS;
  await answer(port, host);
  const alone = await visit(port, host, () => performance.now() < until);
  bench.progress(
    `hello alone: p50 ${median(alone).toFixed(2)} ms, p99 ${quantile(alone, 0.99).toFixed(2)} ms`,
  );
  using db = open(place.folder);
  const slot = Math.floor(Date.now() / 60_000) * 60_000;
  db.run("update schedules set next_at = ? where paused = 0", [slot]);
  const start = performance.now();
  const progress = watch(bench, db, slot);
  const beside = await visit(port, host, () => !progress.done && performance.now() < start + PATIENCE_MS);
  const seconds = (performance.now() - start) / 1000;
  const { ended } = await progress.stop();
  if (ended < FILES) bench.failed("hamlet", `only ${ended} of ${FILES} runs have ended`);
  const [before, meanwhile] = [quantile(alone, 0.99), quantile(beside, 0.99)];
  return [
    toRow(`${FILES} schedules due at once, until the last run has ended`, "s", seconds),
    toRow("hello, p99, alone", "ms", before),
    toRow("hello, p99, while they run", "ms", meanwhile),
    toRow("hello, p50, while they run", "ms", median(beside)),
    toRow("hello, p99 while they run to p99 alone", "×", meanwhile / before),
  ];
}

function toRow(title: string, unit: string, value: number): Row {
  const samples = new Samples();
  samples.add("hamlet", value);
  return samples.toRow({ title, unit, better: "less", digits: 1 });
}

/** One visitor after the other, each on a connection of their own, as long as it is wanted; how long each waited, ms. */
async function visit(port: number, host: string, wanted: () => boolean): Promise<number[]> {
  const waits: number[] = [];
  while (wanted()) {
    const { ms, status } = await answer(port, host);
    if (status !== 200) throw new Error(`hello was answered ${status}`);
    waits.push(ms);
    await pause(PAUSE_MS);
  }
  return waits;
}

/** Counts the runs that have ended, every few seconds. */
function watch(bench: Bench, db: Database, slot: number) {
  const count = db.query("select count(*) as n from job_runs where due_at = ? and ended_at is not null");
  const state = { done: false, ended: 0 };
  const look = () => {
    state.ended = (count.get(slot) as { n: number }).n;
    state.done = state.ended >= FILES;
    bench.progress(`${state.ended} runs have ended`);
  };
  const timer = setInterval(look, 5_000);
  return {
    get done() {
      return state.done;
    },
    async stop() {
      clearInterval(timer);
      look();
      return state;
    },
  };
}

function serve({ folder }: Place): Promise<Started<Ready>> {
  const command = [join(ROOT, "bin/hamlet"), "serve", "--json", "--port", "0", "--data", folder];
  return startProcess<Ready>([...command, "--api-rate", "0"], { cwd: ROOT });
}

async function addUsers(folder: string): Promise<string> {
  await using store = Object.assign(await openStore({ folder }), {
    [Symbol.asyncDispose]: () => store.close(),
  });
  // With this user there, a first start makes no examples, whose builds would go on beside the first figures.
  const { id: userId } = await store.users.create({ username: "me" });
  return (await store.tokens.create({ userId })).token;
}

/** The val that is visited, and one with an interval file, which has run once when this resolves. */
async function makeVals(api: string, { token }: Place): Promise<{ hello: string; fileId: string }> {
  const call = async (path: string, json?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
    const response = await fetch(api + path, { headers, ...init });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    // biome-ignore lint/suspicious/noExplicitAny: the API's answers
    return (await response.json()) as any;
  };
  const create = async (name: string, path: string, type: string, source: string) => {
    const { id } = await call("/v2/vals", { name, privacy: "public" });
    const content = readFileSync(join(ROOT, source), "utf8");
    return await call(`/v2/vals/${id}/files?path=${path}`, { type, content });
  };
  const hello = await create("hello", "main.ts", "http", "examples/hello/main.ts");
  const { id: fileId } = await create("nothing", "cron.ts", "interval", "bench/vals/nothing/cron.ts");
  while ((await call(`/v3/files/${fileId}/runs`)).data[0]?.endedAt == null) await pause(100);
  return { hello: hello.links.endpoint, fileId };
}

/** Copies of that file and its build, a hundred in each of a hundred vals, written straight into the database. */
function seed(folder: string, fileId: string): void {
  using db = open(folder);
  const file = db.query("select * from files where id = ?").get(fileId) as Cells;
  const of = (table: string, column: string, value: unknown) =>
    db.query(`select * from ${table} where ${column} = ?`).get(value as string) as Cells;
  const [val, branch] = [of("vals", "id", file.val_id), of("branches", "id", file.branch_id)];
  const [schedule, built] = [of("schedules", "file_id", fileId), of("deployments", "file_id", fileId)];
  const insert = (table: string, row: Cells) => {
    const names = Object.keys(row);
    db.query(`insert into ${table} (${names}) values (${names.map(() => "?")})`).run(
      ...(Object.values(row) as string[]),
    );
  };
  db.run("update schedules set paused = 1, next_at = null");
  db.transaction(() => {
    for (let v = 0; v < VALS; v++) {
      const [val_id, branch_id] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
      insert("vals", { ...val, id: val_id, name: `nothing${v}`, created_at: Number(val.created_at) + v + 1 });
      insert("branches", { ...branch, id: branch_id, val_id });
      for (let f = 0; f < FILES_PER_VAL; f++) {
        const id = Bun.randomUUIDv7();
        insert("files", { ...file, id, val_id, branch_id, lineage: id, path: `cron${f}.ts` });
        insert("schedules", { ...schedule, file_id: id, next_at: null, last_run_at: null });
        insert("deployments", { ...built, file_id: id, val_id });
      }
    }
  })();
}

type Cells = Record<string, unknown>;

function open(folder: string): Database {
  const db = new Database(join(folder, "hamlet.db"));
  db.run("pragma busy_timeout = 10000");
  return db;
}
