/** How is it all wired? The only file that knows every part of the host. */

import { BlockList } from "node:net";
import { join } from "node:path";
import { createApi } from "./api/api.ts";
import { createBuilder } from "./build/build.ts";
import type { Config } from "./config.ts";
import { toSandboxOptions, WORKER_TASKS } from "./confinement.ts";
import { Deployer } from "./deploy.ts";
import { createDispatch } from "./dispatch/dispatch.ts";
import { HamletError } from "./errors.ts";
import { loadExamples, readExamples } from "./examples.ts";
import { makeFolder } from "./folder.ts";
import { createGateway } from "./gateway/gateway.ts";
import { HostTable } from "./gateway/host.ts";
import { type Inner, serveInner } from "./inner.ts";
import { createLog, type Log } from "./log.ts";
import { openServices } from "./open-services.ts";
import { createPool } from "./pool/pool.ts";
import type { PoolEvents } from "./pool/types.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { openSecret } from "./services/secret.ts";
import { lockFolder } from "./store/lock.ts";
import { openStore, type Store } from "./store/store.ts";
import { appUrl, ownHosts, type TownAddress } from "./val/address.ts";

const ROOT = join(import.meta.dir, "..");
const MODULE_ORIGIN = "https://esm.town";

export interface Server {
  /** The app's address, without a slash at the end. */
  readonly url: string;
  readonly town: TownAddress;
  /** The token of `me`, on the first start of a data folder only. */
  readonly token: string | undefined;
  /** Take no new request, let open ones end within the grace, stop every process. */
  close(): Promise<void>;
}

/**
 * Run everything. Resolves once visitors are served.
 * @throws HamletError `config`: a folder, port or sandbox that cannot be had as configured
 */
export async function serve(config: Config): Promise<Server> {
  const log = createLog({ json: config.json });
  const closing = new Closing();
  try {
    return await start(config, log, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function start(config: Config, log: Log, closing: Closing): Promise<Server> {
  warnOfSharedDomain(config, log);
  const artifacts = makeFolder(config.data, "artifacts");
  const cache = makeFolder(config.data, "deno");
  closing.add(lockData(config.data));
  const store = await openStore({
    folder: config.data,
    cipher: (sample) => openSecret(config.data, sample),
    telemetry: {
      runsPerSecond: config.runsPerSecond,
      maxAgeMs: config.logRetention,
      maxBytes: config.logSize,
    },
    onError: (error) => log.error("Telemetry could not be stored.", { error }),
  });
  closing.add(() => store.close());
  await store.telemetry.endLasting();
  const sandbox = await createSandbox(toSandboxOptions(config, cache));
  closing.add(() => sandbox.close());
  if (sandbox.level === "full") log.info(sandbox.description);
  else log.warn(sandbox.description);
  const pool = createPool({
    sandbox,
    limits: poolLimits(config),
    events: poolEvents(store),
    // Asked when a worker becomes a val, which is after the town has its address.
    hosts: () => ownHosts(town, MODULE_ORIGIN),
  });
  closing.add(() => pool.close());
  const dispatch = createDispatch({
    pool,
    limits: { inFlight: config.maxInFlight, inFlightPerVal: config.maxInFlightPerVal },
    events: { record: (run) => store.telemetry.recordRuns([run]) },
  });
  closing.add(async () => dispatch.close());
  const hosts = new HostTable((host) => deployer.lookup(host));
  const builder = createBuilder({
    sandbox,
    artifactsDir: artifacts,
    moduleOrigin: "https://esm.town",
    esmHosts: [],
    findVal: async () => undefined,
  });
  closing.add(() => builder.close());
  const deployer = new Deployer({ store, builder, pool, hosts, artifacts, webDomain: config.webDomain, log });
  closing.add(async () => deployer.close());
  // Made last, for it needs the port, but closed after the gateway: saves in flight are answered.
  let inner: Inner | undefined;
  closing.add(async () => inner?.close());
  const gateway = createGateway({
    hostname: config.host,
    port: config.port,
    dispatch,
    find: (head) => hosts.find(head.host),
    note: (deployment, trace, error) =>
      store.telemetry.recordLogs([
        {
          deployment,
          worker: "",
          level: "error",
          time: Date.now(),
          trace,
          text: error.message,
          stream: "stderr",
        },
      ]),
    report: (error) => log.error("A request failed because of Hamlet itself.", { error }),
    isTrusted: trustOf(config.trustedProxy),
    maxBodyBytes: config.maxBody,
    maxConnections: config.maxConnections,
    headMs: config.headerTimeout,
    firstByteMs: config.firstByteTimeout,
    idleMs: config.idleTimeout,
    shortWay: { socketPath: sandbox.door, maxBodyBytes: Number.POSITIVE_INFINITY },
  });
  closing.add(() => gateway.close(config.grace));
  const town = townAddress(config, gateway.port);
  // Before the API is reachable: it removes what no build needs, and no build may run meanwhile.
  await deployer.start();
  const services = await openServices({ config, store, sandbox, log, town, port: gateway.port });
  closing.add(() => services.close());
  inner = serveInner(config.data, createApi({ store, deploy: deployer, services, town, log }));
  const app = { kind: "inner", target: inner.target } as const;
  const names = [config.domain, town.domain].flatMap((domain) => [domain, `api.${domain}`]);
  for (const host of [...names, "api.val.town", config.host, "127.0.0.1", "[::1]"]) hosts.set(host, app);
  const token = await firstStart(store, deployer, log);
  return { url: appUrl(town), town, token, close: () => closing.run() };
}

/** What must be closed, the newest first; each once. */
class Closing {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** A step that fails keeps none of the others from being taken; the first failure is thrown at the end. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Two servers on one folder would each serve what the other one does not know of. */
function lockData(data: string): () => Promise<void> {
  const unlock = lockFolder(data);
  if (unlock !== undefined) return async () => unlock();
  const detail = `The data folder ${data} is in use by another Hamlet. Stop that one, or choose another with --data.`;
  throw new HamletError("config", detail);
}

/** On one machine all names end in `localhost`, and nobody else's browser holds its cookies. */
function warnOfSharedDomain({ domain, webDomain }: Config, log: Log): void {
  if (domain === "localhost" || !`.${webDomain}`.endsWith(`.${domain}`)) return;
  log.warn(
    `The vals' endpoints lie below the app's own domain ${domain}, so that a val can set cookies for the app. Choose another registrable domain with --web-domain.`,
  );
}

function poolLimits(config: Config): Parameters<typeof createPool>[0]["limits"] {
  return {
    blank: config.pool,
    maxBlank: Math.max(config.pool, 8),
    maxWorkers: config.maxWorkers,
    maxWorkersPerDeployment: config.maxWorkersPerVal,
    memoryBudgetBytes: config.memoryBudget,
    memoryBytes: config.memory,
    tasks: WORKER_TASKS,
    hangCpuMs: config.hangTimeout,
    loadMs: config.loadTimeout,
    logLinesPerSecond: 1000,
    logBytesPerSecond: 1024 * 1024,
  };
}

function poolEvents(store: Store): PoolEvents {
  return {
    log: (line) => store.telemetry.recordLogs([line]),
    died: (deployment, worker, death) =>
      store.telemetry.recordLogs([
        {
          deployment,
          worker,
          level: "error",
          time: Date.now(),
          trace: "",
          text: death.message,
          stream: "stderr",
        },
      ]),
  };
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

function townAddress(config: Config, port: number): TownAddress {
  const { domain, webDomain } = config;
  if (config.publicUrl === undefined) return { scheme: "http:", domain, webDomain, port: `:${port}` };
  const url = new URL(config.publicUrl);
  return {
    scheme: url.protocol,
    domain: url.hostname,
    webDomain,
    port: url.port === "" ? "" : `:${url.port}`,
  };
}

/** The first start makes the user `me` with the examples; returns its token, which is shown once. */
async function firstStart(store: Store, deployer: Deployer, log: Log): Promise<string | undefined> {
  if (await store.users.findByName("me")) return undefined;
  const user = await store.users.create({ username: "me" });
  const { token } = await store.tokens.create({ userId: user.id });
  const branches = await loadExamples(store, user.id, await readExamples(join(ROOT, "examples")));
  // Nobody waits for them: one needs a package, and there may be no network. A request for one waits for its build.
  for (const { valId, branchId } of branches) {
    deployer.saved(valId, branchId).catch((error) => log.error("An example could not be built.", { error }));
  }
  return token;
}
