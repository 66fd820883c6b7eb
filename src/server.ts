/** How is it all wired? The only file that knows every part of the host. */

import { join } from "node:path";
import { createAuth } from "./auth/auth.ts";
import { createBuilder } from "./build/build.ts";
import { Closing } from "./closing.ts";
import type { Config } from "./config.ts";
import { toSandboxOptions } from "./confinement.ts";
import { gatewayOptions, poolEvents, poolLimits, tellAuthor } from "./data-plane.ts";
import { Deployer } from "./deploy.ts";
import { createDispatch } from "./dispatch/dispatch.ts";
import { HamletError } from "./errors.ts";
import { type FirstStart, firstStart } from "./first-start.ts";
import { makeFolder } from "./folder.ts";
import { createGateway } from "./gateway/gateway.ts";
import { HostTable } from "./gateway/host.ts";
import { createFindVal } from "./imports.ts";
import { createLog, type Log } from "./log.ts";
import { MailRuns } from "./mail-runs.ts";
import { type OpenServices, openServices } from "./open-services.ts";
import { type OpenSites, openSites } from "./open-sites.ts";
import { type OpenTriggers, openTriggers } from "./open-triggers.ts";
import { createPool } from "./pool/pool.ts";
import { Runner } from "./runs.ts";
import { createSandbox } from "./sandbox/sandbox.ts";
import { openSecret } from "./services/secret.ts";
import { Starts } from "./starts.ts";
import { settleStdVals } from "./std-vals.ts";
import { lockFolder } from "./store/lock.ts";
import { openStore, type Store, type Subject } from "./store/store.ts";
import { appHosts, moduleHosts, platformVariables, townAddress, warnOfSharedDomain } from "./town.ts";
import { appUrl, moduleUrl, ownHosts, type TownAddress } from "./val/address.ts";

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
  let sites: OpenSites | undefined;
  const auth = createAuth({ ...store, session: async (request) => sites?.accounts.session(request) });
  const pool = createPool({
    sandbox,
    limits: poolLimits(config),
    events: poolEvents(store, {
      heard: (line) => {
        runner.heard(line);
        mailRuns.heard(line);
      },
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
    needed: () => [...runner.needed(), ...starts.needed()],
    gone: (what) => {
      if (what.fileId === undefined) runner.gone(what);
      starts.gone(what);
    },
  });
  const toStart = {
    ...{ store, dispatch, deployer, timeMs: config.runTimeout },
    note: (subject: Subject, text: string, trace: string) => tellAuthor(store, subject, text, trace),
  };
  const runner = new Runner({
    ...toStart,
    ...{ builder, moduleOrigin },
    // Of the half that the pool gives to runs, the clock and mails have as much at least.
    maxRuns: Math.ceil(config.maxWorkers / 4),
  });
  const starts = new Starts(toStart);
  const mailRuns = new MailRuns({ store, maxBytes: config.mailSize });
  closing.add(() => deployer.close());
  // Made last, for they need the port, but closed after the gateway: calls and saves in flight are answered.
  let services: OpenServices | undefined;
  closing.add(async () => services?.close());
  closing.add(async () => sites?.close());
  let triggers: OpenTriggers | undefined;
  let triggersEnd: Promise<void> | undefined;
  const lingering = (ms: number) => Promise.allSettled([pool.quiet(ms), triggersEnd]);
  const gateway = createGateway(gatewayOptions({ config, store, log, sandbox, dispatch, hosts, lingering }));
  const leaving = new AbortController();
  // Both within one grace; what runs may call its town until it has ended.
  closing.add(async () => {
    leaving.abort();
    triggersEnd = triggers?.close(config.grace);
    // What fails in one does not keep the other from its end.
    for (const end of await Promise.allSettled([gateway.close(config.grace), triggersEnd]))
      if (end.status === "rejected") throw end.reason;
  });
  const town = townAddress(config, gateway.port, gateway.apiPort);
  await settleStdVals(store, join(ROOT, "src/std-vals"));
  // Before the API is reachable: it removes what no build needs, and no build may run meanwhile.
  await deployer.start();
  services = await openServices({
    ...{ config, store, sandbox, log, town, port: gateway.port },
    deliverLocal: (mail) => mailRuns.deliverLocal(mail),
  });
  sites = openSites({
    ...{ config, store, auth, builder, deployer, runner, pool, sandbox, services, log, town },
    mailDoor: mailRuns,
    leaving: leaving.signal,
    queue: { remove: async (id) => (await triggers?.remove(id)) ?? false },
  });
  const app = { kind: "inner", target: sites.target } as const;
  for (const host of [...appHosts(config, town), ...moduleHosts(config, town)]) hosts.set(host, app);
  triggers = await openTriggers({ config, store, starts, mailRuns, services, log, town });
  // Last: its token is shown once, so nothing may fail any more.
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
    onError: (error) => log.error("The store could not do its work in the background.", { error }),
  });
  await store.telemetry.endLasting();
  return store;
}

/** Two servers on one folder would each serve what the other one does not know of. */
function lockData(data: string): () => Promise<void> {
  const unlock = lockFolder(data);
  if (unlock !== undefined) return async () => unlock();
  const detail = `The data folder ${data} is in use by another Hamlet. Stop that one, or choose another with --data.`;
  throw new HamletError("config", detail);
}
