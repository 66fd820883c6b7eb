/** How is it all wired? The only file that knows every part of the host. */

import { BlockList } from "node:net";
import { join } from "node:path";
import { type Accounts, createAccounts } from "./accounts/accounts.ts";
import { createApi, createModuleHost } from "./api/api.ts";
import { createAuth } from "./auth/auth.ts";
import { createBuilder, readStandard } from "./build/build.ts";
import type { Config } from "./config.ts";
import { poolLimits, toSandboxOptions } from "./confinement.ts";
import { Deployer } from "./deploy.ts";
import { createDispatch, type Dispatch } from "./dispatch/dispatch.ts";
import { callAtDoor } from "./door.ts";
import { HamletError } from "./errors.ts";
import { type FirstStart, firstStart } from "./first-start.ts";
import { makeFolder, socketIn } from "./folder.ts";
import { createGateway, type GatewayOptions } from "./gateway/gateway.ts";
import { HostTable } from "./gateway/host.ts";
import { createFindVal } from "./imports.ts";
import { type Inner, serveInner } from "./inner.ts";
import { toLimits } from "./limits.ts";
import { createLog, type Log } from "./log.ts";
import { createOAuth, type OAuth } from "./oauth/oauth.ts";
import { type OpenServices, openServices } from "./open-services.ts";
import { createPool } from "./pool/pool.ts";
import type { PoolEvents, WorkerDeath } from "./pool/types.ts";
import { createRemoval } from "./remove.ts";
import { Runner } from "./runs.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import type { Sandbox } from "./sandbox/types.ts";
import { deriveSecret, openSecret } from "./services/secret.ts";
import { createTxtLookup } from "./services/txt.ts";
import { createSites } from "./sites.ts";
import { settleStdVals } from "./std-vals.ts";
import { lockFolder } from "./store/lock.ts";
import { openStore, type Store } from "./store/store.ts";
import {
  appHosts,
  moduleHosts,
  platformVariables,
  secondOrigins,
  townAddress,
  warnOfSharedDomain,
} from "./town.ts";
import { appUrl, moduleUrl, ownHosts, type TownAddress } from "./val/address.ts";
import type { Deployment } from "./val/deployment.ts";

const ROOT = join(import.meta.dir, "..");

export interface Server {
  /** The app's address, without a slash at the end. */
  readonly url: string;
  readonly town: TownAddress;
  /** What is to be shown on the first start of a data folder, and only then. */
  readonly first: FirstStart | undefined;
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
  const cache = makeFolder(config.data, "deno");
  closing.add(lockData(config.data));
  const store = await openTownStore(config, log);
  closing.add(() => store.close());
  const sandbox = await createSandbox(toSandboxOptions(config, cache));
  closing.add(() => sandbox.close());
  if (sandbox.level === "full") log.info(sandbox.description);
  else log.warn(sandbox.description);
  let accounts: Accounts | undefined;
  const auth = createAuth({ ...store, session: async (request) => accounts?.session(request) });
  const pool = createPool({
    sandbox,
    limits: poolLimits(config),
    events: poolEvents(store, {
      heard: (line) => runner.heard(line),
      died: (deployment, death) => deployer.died(deployment, death),
    }),
    // Asked when a worker becomes a val, which is after the town has its address.
    enter: platformVariables(auth, () => town, config.moduleOrigin),
    hosts: () => ownHosts(town, config.moduleOrigin),
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
    artifactsDir: makeFolder(config.data, "artifacts"),
    moduleOrigin: config.moduleOrigin,
    esmHosts: () => [new URL(moduleUrl(town, { username: "u", valName: "v", path: "p" })).host],
    findVal: createFindVal(store),
    foreignVals: config.foreignVals,
  });
  closing.add(() => builder.close());
  const { moduleOrigin, webDomain } = config;
  const deployer = new Deployer({
    ...{ store, builder, pool, hosts, moduleOrigin, webDomain, log },
    needed: () => runner.needed(),
    gone: (valId) => runner.gone(valId),
  });
  const runner = new Runner({
    ...{ store, builder, dispatch, deployer, moduleOrigin, timeMs: config.runTimeout },
    note: (deployment, text, trace) => tellAuthor(store, deployment, text, trace),
  });
  closing.add(() => deployer.close());
  // Made last, for they need the port, but closed after the gateway: calls and saves in flight are answered.
  let services: OpenServices | undefined;
  let inner: Inner | undefined;
  closing.add(async () => services?.close());
  closing.add(async () => accounts?.close());
  closing.add(async () => inner?.close());
  let oauth: OAuth | undefined;
  closing.add(async () => oauth?.close());
  const gateway = createGateway(gatewayOptions({ config, store, log, sandbox, dispatch, hosts }));
  closing.add(() => gateway.close(config.grace));
  const town = townAddress(config, gateway.port, gateway.apiPort);
  await settleStdVals(store, join(ROOT, "src/std-vals"));
  // Before the API is reachable: it removes what no build needs, and no build may run meanwhile.
  await deployer.start();
  services = await openServices({ config, store, sandbox, log, town, port: gateway.port });
  const api = createApi({
    ...{ store, deploy: deployer, auth, town, log, limits: toLimits(config) },
    machine: { workers: () => pool.stats(), folder: config.data },
    services: { ...services, txt: createTxtLookup(config.dnsServer) },
    confirmEmail: async (user, email) => accounts?.confirmEmail(user, email) ?? false,
    runs: { run: (request) => runner.run(request), call: callAtDoor(sandbox.door, town) },
    // A quarter of what fits through the vals' door.
    maxCalls: Math.ceil(config.maxConnections / 8),
    rate: { perMinute: config.apiRate },
  });
  const { transpile } = builder;
  const modules = createModuleHost({ store, auth, town, moduleOrigin, std: readStandard(), transpile, log });
  const moduleNames = moduleHosts(config, town);
  accounts = createAccounts({
    ...{ store, auth, town, email: services.email, signUp: config.signUp, log },
    secret: deriveSecret(config.data, "sessions"),
    removal: createRemoval({ store, auth, deploy: deployer, ...services, log }),
  });
  oauth = createOAuth({
    ...{ store, town, log, folder: config.data, socketPath: socketIn(config.data, "oauth") },
    origins: secondOrigins(config, town),
    identify: async (cookie) => accounts?.viewer(cookie),
    forget: auth.forgetGrant,
  });
  inner = serveInner(
    config.data,
    createSites({ town, moduleHosts: moduleNames, modules, api, accounts, oauth }),
  );
  const app = { kind: "inner", target: inner.target } as const;
  for (const host of [...appHosts(config, town), ...moduleNames]) hosts.set(host, app);
  const first = await firstStart({ data: config.data, store, town, deployer, log });
  return { url: appUrl(town), town, first, close: () => closing.run() };
}

async function openTownStore(config: Config, log: Log): Promise<Store> {
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
  await store.telemetry.endLasting();
  return store;
}

function gatewayOptions(parts: {
  config: Config;
  store: Store;
  log: Log;
  sandbox: Sandbox;
  dispatch: Dispatch;
  hosts: HostTable;
}): GatewayOptions {
  const { config, store, log, sandbox, dispatch, hosts } = parts;
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
  };
}

/** A line in the log of a deployment that it did not write itself. */
function tellAuthor(store: Store, deployment: Deployment, text: string, trace = "", worker = ""): void {
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

function poolEvents(
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

function trustOf(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return (address) => list.check(address, address.includes(":") ? "ipv6" : "ipv4");
}
