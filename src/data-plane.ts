/** How do gateway and pool work, as the operator chose, and what do they tell the authors of vals? */

import { BlockList } from "node:net";
import type { Config } from "./config.ts";
import { WORKER_TASKS } from "./confinement.ts";
import type { Dispatch } from "./dispatch/dispatch.ts";
import type { GatewayOptions } from "./gateway/gateway.ts";
import type { HostTable } from "./gateway/host.ts";
import type { Log } from "./log.ts";
import type { PoolOptions } from "./pool/pool.ts";
import type { PoolEvents, WorkerDeath } from "./pool/types.ts";
import type { Sandbox } from "./sandbox/types.ts";
import type { Store, Subject } from "./store/store.ts";
import type { Deployment } from "./val/deployment.ts";

/** What the gateway has to know. */
export function gatewayOptions(parts: {
  config: Config;
  store: Store;
  log: Log;
  sandbox: Sandbox;
  dispatch: Dispatch;
  hosts: HostTable;
  lingering: GatewayOptions["lingering"];
}): GatewayOptions {
  const { config, store, log, sandbox, dispatch, hosts, lingering } = parts;
  return {
    hostname: config.host,
    port: config.port,
    apiPort: config.apiPort,
    dispatch,
    find: (head) => hosts.find(head.host),
    // A page of it: when a val cannot be loaded, all who wait for it are noted.
    note: (deployment, trace, error) => tellAuthor(store, deployment, error.message.slice(0, 4096), trace),
    report: (error) => log.error("A request failed because of Hamlet itself.", { error }),
    isTrusted: trustOf(config.trustedProxy),
    maxBodyBytes: config.maxBody,
    maxConnections: config.maxConnections,
    headMs: config.headerTimeout,
    firstByteMs: config.firstByteTimeout,
    idleMs: config.idleTimeout,
    shortWay: { socketPath: sandbox.door, maxBodyBytes: Number.POSITIVE_INFINITY },
    lingering,
  };
}

/** How many workers there may be, and what each may take. */
export function poolLimits(config: Config): PoolOptions["limits"] {
  return {
    blank: config.pool,
    maxBlank: Math.max(config.pool, 8),
    maxWorkers: config.maxWorkers,
    maxWorkersPerDeployment: config.maxWorkersPerVal,
    memoryBudgetBytes: config.memoryBudget,
    memoryBytes: config.memory,
    tasks: WORKER_TASKS,
    hangCpuMs: config.hangTimeout,
    backgroundMs: config.backgroundTimeout,
    loadMs: config.loadTimeout,
    logLinesPerSecond: 1000,
    logBytesPerSecond: 1024 * 1024,
  };
}

/** What workers say, and how they end, is kept for their authors. */
export function poolEvents(
  store: Store,
  also: {
    heard: PoolEvents["log"];
    died(deployment: Deployment, death: WorkerDeath): void;
  },
): PoolEvents {
  return {
    log(line) {
      store.telemetry.recordLogs([line]);
      also.heard(line);
    },
    died(deployment, worker, death) {
      tellAuthor(store, deployment, death.message, deployment.once, worker);
      also.died(deployment, death);
    },
  };
}

/** A line in the log of a deployment that it did not write itself. */
export function tellAuthor(store: Store, deployment: Subject, text: string, trace = "", worker = ""): void {
  const line = {
    deployment,
    worker,
    level: "error",
    time: Date.now(),
    trace,
    text,
    stream: "stderr",
  } as const;
  store.telemetry.recordLogs([line]);
}

function trustOf(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return (address) => list.check(address, address.includes(":") ? "ipv6" : "ipv4");
}
