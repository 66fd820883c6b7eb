/** The town's own servers, opened: API, module host, the pages of accounts, OAuth. */

import { join } from "node:path";
import { type Accounts, createAccounts } from "./accounts/accounts.ts";
import { createApi, createModuleHost } from "./api/api.ts";
import { createApp } from "./app/app.ts";
import type { Auth } from "./auth/auth.ts";
import { type createBuilder, readStandard } from "./build/build.ts";
import { Closing } from "./closing.ts";
import type { Config } from "./config.ts";
import type { Deployer } from "./deploy.ts";
import { callAtDoor } from "./door.ts";
import { socketIn } from "./folder.ts";
import { serveInner } from "./inner.ts";
import { toLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { MailRuns } from "./mail-runs.ts";
import { createOAuth } from "./oauth/oauth.ts";
import type { OpenServices } from "./open-services.ts";
import type { Pool, Target } from "./pool/types.ts";
import type { Runner } from "./runs.ts";
import type { Sandbox } from "./sandbox/types.ts";
import { deriveSecret } from "./services/secret.ts";
import { createTxtLookup } from "./services/txt.ts";
import { createSites } from "./sites.ts";
import type { Store } from "./store/store.ts";
import { moduleHosts, secondOrigins } from "./town.ts";
import type { TownAddress } from "./val/address.ts";

export interface OpenSites {
  /** Where the gateway finds them all. */
  readonly target: Target;
  readonly accounts: Accounts;
  close(): Promise<void>;
}

export interface SitesParts {
  readonly config: Config;
  readonly store: Store;
  readonly auth: Auth;
  readonly builder: ReturnType<typeof createBuilder>;
  readonly deployer: Deployer;
  readonly runner: Runner;
  readonly pool: Pool;
  readonly sandbox: Sandbox;
  readonly services: OpenServices;
  readonly log: Log;
  readonly town: TownAddress;
  readonly mailDoor: MailRuns;
  /** The town ends: what would go on for ever does not. */
  readonly leaving: AbortSignal;
  /** Who runs the queue of jobs. */
  readonly queue: NonNullable<Parameters<typeof createApi>[0]["queue"]>;
}

/** Open them all behind one socket in the data folder. */
export function openSites(parts: SitesParts): OpenSites {
  const { config, store, auth, services, log, town } = parts;
  const accounts = createAccounts({
    ...{ store, auth, town, email: services.email, signUp: config.signUp, log },
    secret: deriveSecret(config.data, "sessions"),
  });
  const oauth = createOAuth({
    ...{ store, town, log, folder: config.data, socketPath: socketIn(config.data, "oauth") },
    origins: secondOrigins(config, town),
    identify: (cookie) => accounts.viewer(cookie),
    forget: auth.forgetGrant,
  });
  const { moduleOrigin } = config;
  const { transpile } = parts.builder;
  const modules = createModuleHost({ store, auth, town, moduleOrigin, std: readStandard(), transpile, log });
  const names = moduleHosts(config, town);
  const app = openApp(parts, accounts);
  const inner = serveInner(
    config.data,
    createSites({ town, moduleHosts: names, modules, api: openApi(parts, accounts), accounts, app, oauth }),
  );
  const closing = new Closing();
  closing.add(async () => accounts.close());
  closing.add(() => inner.close());
  closing.add(async () => oauth.close());
  closing.add(async () => app.close());
  return { target: inner.target, accounts, close: () => closing.run() };
}

function openApp({ store, town, config, sandbox, log }: SitesParts, accounts: Accounts) {
  return createApp({
    ...{ folder: join(import.meta.dir, "../dist/web"), store, town, log, signUp: config.signUp },
    calls: {
      call: callAtDoor(sandbox.door, town),
      isForeign: accounts.isForeign,
      perMinute: config.apiRate,
      atOnce: callsAtOnce(config),
    },
    async viewer(cookie) {
      const viewer = await accounts.viewer(cookie);
      return viewer && { id: viewer.userId, username: viewer.username, admin: viewer.admin };
    },
  });
}

function openApi(parts: SitesParts, accounts: Accounts) {
  const { config, store, auth, deployer, runner, pool, sandbox, services, mailDoor, log, town, queue } =
    parts;
  return createApi({
    ...{ store, deploy: deployer, auth, town, log, queue, limits: toLimits(config) },
    leaving: parts.leaving,
    machine: { workers: () => pool.stats(), folder: config.data },
    services: { ...services, mailDoor, txt: createTxtLookup(config.dnsServer) },
    confirmEmail: (user, email) => accounts.confirmEmail(user, email),
    runs: { run: (request) => runner.run(request), call: callAtDoor(sandbox.door, town) },
    maxCalls: callsAtOnce(config),
    rate: { perMinute: config.apiRate },
  });
}

/** A quarter of what fits through the vals' door. */
const callsAtOnce = (config: Config) => Math.ceil(config.maxConnections / 8);
