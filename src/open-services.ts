/** What the operator chose of the services that answer the standard library, opened. */

import type { Config } from "./config.ts";
import { makeFolder } from "./folder.ts";
import type { Log } from "./log.ts";
import { createPortableService, type PortableService } from "./portable/portable.ts";
import { createEgressCheck, parseEgress } from "./sandbox/sandbox.ts";
import type { Sandbox } from "./sandbox/types.ts";
import { type Blobs, createBlobs, createDiskObjects, createS3Objects } from "./services/blob.ts";
import { type ConnectionService, createConnectionService } from "./services/connections.ts";
import { createEmail, type Email, type EmailOptions } from "./services/email.ts";
import { createOpenAi, type OpenAi, type OpenAiOptions } from "./services/openai.ts";
import { createSqlite, type SqliteService } from "./services/sqlite.ts";
import type { Store } from "./store/store.ts";
import { endpointUrl, nameLabel, type TownAddress } from "./val/address.ts";

export interface OpenServices {
  readonly blobs: Blobs;
  readonly connections: ConnectionService;
  readonly email: Email;
  readonly openai: OpenAi;
  readonly portable: PortableService;
  readonly sqlite: SqliteService;
  close(): Promise<void>;
}

export interface ServicesOptions {
  readonly config: Config;
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly log: Log;
  readonly town: TownAddress;
  /** At which the gateway listens. */
  readonly port: number;
  /** Gives mails of vals to other vals. */
  readonly deliverLocal?: EmailOptions["local"];
}

/** Rejects with HamletError `config` when one cannot be had as configured. */
export async function openServices(options: ServicesOptions): Promise<OpenServices> {
  const { config, store, log } = options;
  const blobs = await openBlobs(config, store, log);
  const openai = createOpenAi(modelOptions(options));
  const sqlite = openSqlite(options);
  const email = await openEmail(options);
  // In the background: nobody needs what is gone.
  const swept = sqlite
    .sweep(({ kind, id }) => exists(store, kind, id))
    .catch((error) => log.error("A database that nobody needs any more could not be removed.", { error }));
  return {
    blobs,
    connections: openConnections(config, store),
    email,
    openai,
    portable: openPortable(config, { store, blobs, sqlite }),
    sqlite,
    async close() {
      await email.close();
      await sqlite.close();
      await swept;
      await blobs.close();
    },
  };
}

async function exists(store: Store, kind: "user" | "val", id: string): Promise<boolean> {
  return (await (kind === "user" ? store.users : store.vals).find(id)) !== undefined;
}

async function openBlobs(config: Config, store: Store, log: Log): Promise<Blobs> {
  const objects =
    config.blobS3 === undefined
      ? createDiskObjects(makeFolder(config.data, "blobs"))
      : await createS3Objects(config.blobS3);
  return createBlobs({
    rows: store.blobs,
    objects,
    quota: config.blobQuota,
    ownerOf: async ({ kind, id }) => (kind === "user" ? id : (await store.vals.find(id))?.userId),
    onError: (error) => log.error("A blob that nobody needs any more could not be removed.", { error }),
  });
}

function openSqlite({ config, sandbox, log }: ServicesOptions): SqliteService {
  return createSqlite({
    folder: makeFolder(config.data, "sqlite"),
    start: (program) => sandbox.program(program),
    workers: config.sqliteWorkers,
    timeLimitMs: config.sqliteTimeLimit,
    quotaBytes: config.sqliteQuota,
    onDeath: (message) => log.warn(message),
    ...toRemote(config.sqliteUrl, config.sqliteAdminUrl),
  });
}

/** An sqld, when there is one; `config.ts` has seen to it that both or none are given. */
function toRemote(url: string | undefined, adminUrl: string | undefined) {
  return url === undefined || adminUrl === undefined ? {} : { remote: { url, adminUrl } };
}

function openPortable(
  config: Config,
  parts: { store: Store; blobs: Blobs; sqlite: SqliteService },
): PortableService {
  return createPortableService({
    ...parts,
    folder: makeFolder(config.data, "spool"),
    maxBytes: config.importSize,
    blobQuota: config.blobQuota,
    allows: createEgressCheck(parseEgress(config.egressAllow, config.egressDeny)),
  });
}

function openConnections(config: Config, store: Store): ConnectionService {
  return createConnectionService({
    connections: store.connections,
    providers: {
      "google-docs": {
        tokenUrl: config.googleTokenUrl,
        clientId: config.googleClientId,
        clientSecret: config.googleClientSecret,
      },
      slack: {
        tokenUrl: config.slackTokenUrl,
        clientId: config.slackClientId,
        clientSecret: config.slackClientSecret,
      },
    },
  });
}

function openEmail({ config, store, log, deliverLocal }: ServicesOptions): Promise<Email> {
  return createEmail({
    mails: store.mails,
    users: store.users,
    orgs: store.orgs,
    relay: config.smtpUrl,
    domain: config.mailDomain,
    ...(deliverLocal && { local: deliverLocal }),
    onlySelf: config.emailOnlySelf,
    note: (valId, text) =>
      tellVal(store, valId, text).catch((error) => log.error("A val's log could not be written.", { error })),
    log,
  });
}

/** A line in the log of a val, as if its first file had written it. */
async function tellVal(store: Store, valId: string, text: string): Promise<void> {
  const [deployment] = await store.deployments.byVal(valId);
  if (deployment === undefined) return;
  const time = Date.now();
  store.telemetry.recordLogs([
    {
      deployment: { ...deployment, trigger: deployment.type },
      worker: "",
      level: "warn",
      time,
      trace: "",
      text,
      stream: "stderr",
    },
  ]);
}

/** Without a model server of the operator's, the demo val is asked, at our own door. */
function modelOptions({ config, town, port, log }: ServicesOptions): OpenAiOptions {
  const [url, key] = [config.openaiUrl, config.openaiKey];
  const { host } = new URL(endpointUrl(town, nameLabel("me", "demoModel")!));
  const demo = { url: `http://${loopbackOf(config.host)}:${port}`, host, demo: true };
  return {
    upstream: () => (url === undefined ? demo : { url, key }),
    models: config.openaiModels,
    ratePerMinute: config.openaiRate,
    firstByteMs: config.openaiTimeout,
    log,
  };
}

/** An address at which we reach a listener of ours: that of all interfaces is none to connect to. */
function loopbackOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
