/** A gateway in the test's own process, in front of a worker whose every byte the test writes itself. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDispatch } from "../../src/dispatch/dispatch.ts";
import type { Run } from "../../src/dispatch/types.ts";
import type { HamletError } from "../../src/errors.ts";
import { createGateway, type GatewayOptions } from "../../src/gateway/gateway.ts";
import type { Lease, Pool, WorkerDeath } from "../../src/pool/types.ts";
import type { Deployment } from "../../src/val/deployment.ts";
import { connectRaw, RawConnection } from "./raw.ts";

export interface TestGateway extends AsyncDisposable {
  readonly port: number;
  /** Open connections of visitors. */
  readonly connections: number;
  /** The calls that have ended, oldest first. */
  readonly runs: Run[];
  /** What the author was told. */
  readonly notes: HamletError[];
  /** Connections that the worker accepted so far. */
  readonly workerConnections: number;
  connect(): Promise<RawConnection>;
  close(graceMs: number): Promise<void>;
  /** Declare the worker dead, as the pool does. */
  kill(death: WorkerDeath): void;
}

export interface TestGatewayOptions extends Partial<GatewayOptions> {
  /** Until it settles, calls wait for a worker, as they do for a cold one. */
  readonly leased?: Promise<void>;
}

/** What `val.localhost` leads to. */
export const DEPLOYMENT: Deployment = {
  id: "deployment",
  valId: "val",
  fileId: "file",
  branchId: "branch",
  version: 7,
  username: "tester",
  valName: "raw",
  artifact: "/nowhere",
  entry: "main.ts",
  start: "pooled",
  secret: false,
  module: "https://esm.town/v/me/hello@1-main/main.ts",
  userId: "owner",
  env: {},
};

/** Each connection to the worker is given to `serve`; it ends when `serve` settles. */
export async function startGateway(
  serve: (connection: RawConnection) => Promise<unknown>,
  { leased, ...options }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  const socketPath = join(folder, "worker.sock");
  const sockets = new Set<Socket>();
  const worker = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const connection = new RawConnection(socket);
    // A gateway that hangs up midway is what some tests are about.
    const done = () => connection.destroy();
    serve(connection).then(done, done);
  });
  await new Promise<void>((resolve) => worker.listen(socketPath, resolve));
  const { promise: died, resolve: kill } = Promise.withResolvers<WorkerDeath>();
  const target = { id: "worker", socketPath };
  const lease: Lease = { target, cold: false, died, outcome: () => new Promise(() => {}), release() {} };
  const pool = { lease: () => leased?.then(() => lease) ?? lease } as Partial<Pool> as Pool;
  const runs: Run[] = [];
  const notes: HamletError[] = [];
  const dispatch = createDispatch({
    pool,
    limits: { inFlight: 10_000, inFlightPerVal: 10_000 },
    events: { record: (run) => runs.push(run) },
  });
  const gateway = createGateway({
    hostname: "127.0.0.1",
    port: 0,
    dispatch,
    find: (head) => (head.host.startsWith("val.") ? { kind: "val", deployment: DEPLOYMENT } : undefined),
    note: (_deployment, _trace, error) => notes.push(error),
    report: (error) => notes.push(error),
    isTrusted: () => false,
    maxBodyBytes: 1024 * 1024,
    maxConnections: 10_000,
    headMs: 30_000,
    firstByteMs: 30_000,
    idleMs: 30_000,
    ...options,
  });
  return {
    port: gateway.port,
    get connections() {
      return gateway.connections;
    },
    get workerConnections() {
      return sockets.size;
    },
    runs,
    notes,
    connect: () => connectRaw(gateway.port),
    close: (graceMs) => gateway.close(graceMs),
    kill,
    async [Symbol.asyncDispose]() {
      await gateway.close(0);
      dispatch.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => worker.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
