import { join } from "node:path";
import { connect } from "../client.ts";
import { createFolder, ROOT } from "../contestants/folder.ts";
import { startProcess } from "../process.ts";
import { median, quantile, Samples } from "../statistics.ts";
import { type BigTown, type BigVal, seedTown } from "../town.ts";
import type { Bench, Measure, Row } from "../types.ts";

/** Requests of each kind in a round, and connections that send them. */
const REQUESTS = 200;
const AT_ONCE = 4;
/** What one request must not take longer than, ms. */
const MOST = 50;

interface Route {
  readonly path: string;
  readonly query?: string;
}

/** Every read of the API in a town of 10,000 vals and 100,000 versions, alone and beside somebody who saves all the time. */
export const api: Measure = { name: "api", run };

async function run(bench: Bench): Promise<Row[]> {
  const folder = createFolder();
  try {
    bench.progress("seeding");
    const town = await seedTown(folder.path);
    bench.progress(`${town.vals.length} vals, ${town.versions} versions`);
    const command = [join(ROOT, "bin/hamlet"), "serve", "--json", "--port", "0", "--data", folder.path];
    const server = await startProcess<{ url: string; api: string }>([...command, "--api-rate", "0"], {
      cwd: ROOT,
    });
    try {
      return await measure(bench, town, server.ready.api);
    } finally {
      await server.stop();
    }
  } finally {
    folder.remove();
  }
}

async function measure(bench: Bench, town: BigTown, base: string): Promise<Row[]> {
  const routes = await readRoutes(base);
  const rows: Row[] = [];
  for (const writing of [false, true]) {
    const all: number[] = [];
    const worst: { route: string; p99: number }[] = [];
    const writer = writing ? startWriter(town, base) : undefined;
    for (const [route, samples] of await timeRoutes(bench, town, base, routes)) {
      all.push(...samples);
      const [p50, p99] = [median(samples), quantile(samples, 0.99)];
      worst.push({ route, p99 });
      bench.progress(
        `${p50.toFixed(1)} / ${p99.toFixed(1)} ms${writing ? " beside saves" : ""}: GET ${route}`,
      );
    }
    await writer?.stop();
    worst.sort((a, b) => b.p99 - a.p99);
    const beside = writing ? ", beside somebody who saves" : "";
    rows.push(toRow(`reads of the API${beside}, p50`, median(all)));
    rows.push(toRow(`reads of the API${beside}, p99`, quantile(all, 0.99)));
    rows.push(toRow(`reads of the API${beside}, p99 of the slowest route`, worst[0]!.p99));
    const late = worst.filter(({ p99 }) => p99 > MOST).map(({ route }) => route);
    if (late.length > 0) bench.failed("hamlet", `p99 above ${MOST} ms${beside}: ${late.join(", ")}`);
  }
  return rows;
}

function toRow(title: string, value: number): Row {
  const samples = new Samples();
  samples.add("hamlet", value);
  return samples.toRow({ title, unit: "ms", better: "less", digits: 1 });
}

/** All GET routes of the description; lists with several forms in each of them. */
async function readRoutes(base: string): Promise<Route[]> {
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
    paths: Record<string, { get?: { responses: { 200?: { content?: Record<string, unknown> } } } }>;
  };
  const forms: Record<string, string[]> = {
    "/v2/vals": ["", "limit=100", "user_id={user_id}", "privacy=private", "cursor=2023-12-01T00:00:00.000Z"],
    "/v2/me/vals": ["", "limit=100", "offset=60"],
    "/v2/vals/{val_id}/files": [
      "path=",
      "path=&recursive=true&limit=100",
      "path=&recursive=true&limit=100&version={version}",
      "path={path}",
      "path={path}&version=1",
    ],
    "/v2/vals/{val_id}/files/content": ["path={path}", "path={path}&version={version}"],
    "/v3/vals/{val_id}/diff": ["from=1&to={version}"],
    "/v3/search": ["query=val1", "query=const&kind=code"],
    "/v1/search/vals": ["query=val1"],
    "/v1/blob": ["", "prefix=key/7/"],
  };
  return Object.entries(document.paths).flatMap(([path, { get }]) => {
    const types = Object.keys(get?.responses[200]?.content ?? {});
    if (get === undefined || path.includes("{key}")) return [];
    // What never ends, and archives of everything.
    if (types.some((type) => type === "text/event-stream" || type === "application/x-tar")) return [];
    return (forms[path] ?? [""]).map((query) => ({ path, query }));
  });
}

async function timeRoutes(
  bench: Bench,
  town: BigTown,
  base: string,
  routes: readonly Route[],
): Promise<[route: string, samples: number[]][]> {
  const timed: [string, number[]][] = [];
  for (const { path, query } of routes) {
    const samples: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      let sent = 0;
      const send = async () => {
        const client = new Client(base, town.token);
        while (sent < REQUESTS) {
          // Of those with much of something more than their share.
          const val = town.vals[sent % 3 === 0 ? sent % 18 : (sent * 7919) % town.vals.length]!;
          sent++;
          samples.push(await client.get(fill(query ? `${path}?${query}` : path, town, val)));
        }
        await client.close();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, send));
    }
    timed.push([query ? `${path}?${query}` : path, samples]);
  }
  return timed;
}

function fill(template: string, town: BigTown, val: BigVal): string {
  const values: Record<string, string> = {
    val_id: val.id,
    branch_id: val.branchId,
    file_id: val.fileId,
    user_id: town.userIds[val.version % town.userIds.length]!,
    username: val.username,
    val_name: val.name,
    path: val.path,
    version: String(Math.ceil(val.version / 2)),
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? town.userIds[1]!);
}

/** One connection that is kept. */
class Client {
  readonly #head: string;
  readonly #prefix: string;
  readonly #connection;
  #text = "";
  #done: (() => void) | undefined;

  constructor(base: string, token: string) {
    const { host, port, pathname } = new URL(base);
    this.#prefix = pathname.replace(/\/$/, "");
    this.#head = `HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    this.#connection = connect(Number(port), (data) => {
      this.#text += data.toString("latin1");
      if (isWhole(this.#text)) this.#done?.();
    });
  }

  /** Milliseconds from the request to the last byte of its answer. */
  async get(path: string): Promise<number> {
    const { socket } = await this.#connection;
    this.#text = "";
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#done = resolve;
    const start = performance.now();
    socket.write(`GET ${this.#prefix}${path} ${this.#head}`);
    await promise;
    const status = Number(this.#text.slice(9, 12));
    if (status >= 500) throw new Error(`GET ${path} was answered ${status}`);
    return performance.now() - start;
  }

  async close(): Promise<void> {
    (await this.#connection).socket.end();
  }
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length - end - 4 >= Number(length);
  return !/\r\ntransfer-encoding: chunked/i.test(head) || text.endsWith("\r\n0\r\n\r\n");
}

/** Saves one file after the other, each with another text, and waits for the disk each time. */
function startWriter(town: BigTown, base: string): { stop(): Promise<void> } {
  let stopped = false;
  const own = town.vals.filter(({ username }) => username === town.username);
  const work = async () => {
    for (let turn = 0; !stopped; turn++) {
      const val = own[turn % own.length]!;
      const url = `${base}/v2/vals/${val.id}/files?${new URLSearchParams({ path: val.path })}`;
      const headers = { authorization: `Bearer ${town.token}`, "content-type": "application/json" };
      const answer = await fetch(url, {
        method: "PUT",
        headers,
        body: JSON.stringify({ content: `${turn} ${performance.now()}` }),
      });
      if (!answer.ok) throw new Error(`The save was answered ${answer.status}: ${await answer.text()}`);
      await answer.body?.cancel();
    }
  };
  const running = Promise.all([work(), work()]);
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}
