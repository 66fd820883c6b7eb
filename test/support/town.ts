/** The API over a real store in a folder of its own, without a network and without vals that run. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Api, createApi } from "../../src/api/api.ts";
import type { BuildReport, WorkerStats } from "../../src/api/deploy.ts";
import { type Auth, createAuth } from "../../src/auth/auth.ts";
import { MailRuns } from "../../src/mail-runs.ts";
import { createPortableService, type PortableService } from "../../src/portable/portable.ts";
import { type Blobs, createBlobs, createDiskObjects } from "../../src/services/blob.ts";
import { type ConnectionService, createConnectionService } from "../../src/services/connections.ts";
import { createEmail, type Email } from "../../src/services/email.ts";
import { openSecret } from "../../src/services/secret.ts";
import type { SqliteService } from "../../src/services/sqlite.ts";
import type { TxtLookup } from "../../src/services/txt.ts";
import { openSmtp } from "../../src/smtp/smtp.ts";
import type { MailIn } from "../../src/smtp/types.ts";
import { openStore, type Store, type TelemetryOptions } from "../../src/store/store.ts";
import type { Scope } from "../../src/val/scope.ts";
import { fillFolder } from "./fresh.ts";
import { makeSqlite } from "./sqlite-processes.ts";

export interface CallOptions {
  /** A token; the empty string sends none. */
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | ReadableStream | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Scheme, host and prefix that the path is appended to. */
  readonly base?: string;
}

/** An answer with its body read; `json` is undefined when it is none. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly json: any;
}

export interface TownOptions {
  readonly telemetry?: Partial<TelemetryOptions>;
  readonly now?: () => number;
  /** Where tokens of third parties are renewed. */
  readonly tokenUrl?: string;
  /** Whether vals may be fetched from an address. */
  readonly allows?: (address: string, port: number) => boolean;
  /** API requests a minute; without it there is no limit. */
  readonly ratePerMinute?: number;
  /** Asks name servers. */
  readonly txt?: TxtLookup;
  /** What the API has in place of the store. */
  readonly through?: (store: Store) => Store;
}

/** Makes a town with the users `ann` and `bob`; goes with the scope. */
export async function makeTown(options: TownOptions = {}): Promise<Town> {
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  await fillFolder(folder);
  const store = await openStore({ folder, cipher: (sample) => openSecret(folder, sample), ...options });
  const ann = await store.users.create({ username: "ann", email: "ann@example.org" });
  const bob = await store.users.create({ username: "Bob" });
  const blobs = await createBlobs({
    rows: store.blobs,
    objects: createDiskObjects(join(folder, "blobs")),
    quota: 1024 * 1024,
    ownerOf: async ({ kind, id }) => (kind === "user" ? id : (await store.vals.find(id))?.userId),
    onError: (error) => console.error(error),
  });
  const email = await createEmail({
    mails: store.mails,
    users: store.users,
    orgs: store.orgs,
    domain: "example.org",
  });
  const sqlite = makeSqlite(folder);
  const portable = createPortableService({
    ...{ store, blobs, sqlite, maxBytes: 64 * 1024 * 1024, blobQuota: 1024 * 1024 },
    folder: join(folder, "spool"),
    allows: options.allows ?? (() => false),
  });
  const connections = connectionsOf(store, options);
  const mail = await openMails(folder, store);
  const mailDoor = new MailRuns({ store, maxBytes: MAIL_BYTES });
  mailDoor.attach(mail);
  return new Town(
    folder,
    { store, blobs, sqlite, email, connections, portable, mail, mailDoor },
    {
      ann: { id: ann.id, token: (await store.tokens.create({ userId: ann.id })).token },
      bob: { id: bob.id, token: (await store.tokens.create({ userId: bob.id })).token },
    },
    options,
  );
}

/** Of one mail. */
export const MAIL_BYTES = 1024 * 1024;

/** Mails come in by hand alone, and nothing delivers them. */
function openMails(folder: string, store: Store): Promise<MailIn> {
  mkdirSync(join(folder, "mails"));
  return openSmtp({
    folder: join(folder, "mails"),
    domain: "example.org",
    rows: store.inbox,
    sentBy: async () => undefined,
    note: () => {},
    limits: { mailSize: MAIL_BYTES },
  });
}

function connectionsOf(
  store: Store,
  { now, tokenUrl = "http://127.0.0.1:9/" }: TownOptions,
): ConnectionService {
  const client = { tokenUrl, clientId: "town", clientSecret: "town's secret" };
  return createConnectionService({
    connections: store.connections,
    providers: { "google-docs": client, slack: client },
    ...(now === undefined ? {} : { now }),
  });
}

/** As if one val were being served. */
const WORKERS: WorkerStats = {
  ...{ blank: 2, starting: 0, warm: 1 },
  workers: [
    {
      ...{ id: "w1", live: true, leases: 1, rssBytes: 1000 },
      val: { id: "00000000-0000-4000-8000-000000000001", username: "ann", name: "hello", version: 4 },
    },
  ],
};

interface Person {
  readonly id: string;
  readonly token: string;
}

interface Parts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly sqlite: SqliteService;
  readonly email: Email;
  readonly connections: ConnectionService;
  readonly portable: PortableService;
  readonly mail: MailIn;
  readonly mailDoor: MailRuns;
}

export class Town implements AsyncDisposable {
  readonly folder: string;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly sqlite: SqliteService;
  readonly mail: MailIn;
  readonly mailDoor: MailRuns;
  /** Aborted when the town is to end. */
  readonly leaving = new AbortController();
  readonly auth: Auth;
  readonly ann: Person;
  readonly bob: Person;
  readonly api: Api;
  /** What the API told whoever builds, in order. */
  readonly told: string[] = [];
  /** What the builder answers next. */
  report: (branchId: string) => Promise<BuildReport | undefined> = async () => ({
    version: 1,
    diagnostics: [],
  });
  /** How a val restarts with its new environment. */
  configured: () => Promise<void> = async () => {};

  constructor(
    folder: string,
    { store, ...services }: Parts,
    people: { ann: Person; bob: Person },
    { ratePerMinute = 0, now, txt, through = (same) => same }: TownOptions,
  ) {
    this.folder = folder;
    this.store = store;
    this.blobs = services.blobs;
    this.sqlite = services.sqlite;
    this.mail = services.mail;
    this.mailDoor = services.mailDoor;
    this.auth = createAuth(store);
    this.ann = people.ann;
    this.bob = people.bob;
    this.api = createApi({
      store: through(store),
      services: { ...services, ...(txt && { txt }) },
      auth: this.auth,
      recheckMs: 20,
      leaving: this.leaving.signal,
      machine: { workers: () => WORKERS, folder },
      rate: { perMinute: ratePerMinute, now },
      town: {
        scheme: "http:",
        domain: "localhost",
        webDomain: "web.localhost",
        mailDomain: "example.org",
        port: ":3000",
      },
      deploy: {
        saved: (valId, branchId) => {
          this.told.push(`saved ${valId}`);
          return this.report(branchId);
        },
        configured: (valId) => {
          this.told.push(`configured ${valId}`);
          return this.configured();
        },
        addressed: async (valId, host) => {
          this.told.push(`addressed ${valId} ${host}`);
        },
        serves: async (host) =>
          this.store.deployments.resolveDomain(host).then((found) => found !== undefined),
        removed: async (valId) => {
          this.told.push(`removed ${valId}`);
        },
      },
    });
  }

  /** Calls the API as ann, unless told otherwise. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token = this.ann.token, json, body, headers, base = "http://api.localhost:3000" } = options;
    const init = new Headers(headers);
    if (token !== "") init.set("authorization", `Bearer ${token}`);
    if (json !== undefined) init.set("content-type", "application/json");
    const url = path.startsWith("http") ? path : base + path;
    const response = await this.api.fetch(
      new Request(url, { method, headers: init, body: json === undefined ? body : JSON.stringify(json) }),
    );
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") && text !== "";
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** The same, for calls whose failure would make the rest of a test pointless. */
  async expect(status: number, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await this.call(method, path, options);
    if (answer.status !== status)
      throw new Error(`${method} ${path} was answered ${answer.status}, not ${status}: ${answer.text}`);
    return answer;
  }

  /** A val of ann's; returns its id. */
  async val(name: string, more: { privacy?: string; token?: string } = {}): Promise<string> {
    const { privacy = "public", token } = more;
    return (await this.expect(201, "POST", "/v2/vals", { token, json: { name, privacy } })).json.id;
  }

  /** A script in a val of ann's; returns the File. */
  async file(valId: string, path: string, content = "", type = "script") {
    const where = `/v2/vals/${valId}/files?${new URLSearchParams({ path })}`;
    return (await this.expect(201, "POST", where, { json: { type, content } })).json;
  }

  async token(...scopes: Scope[]): Promise<string> {
    return (await this.store.tokens.create({ userId: this.ann.id, scopes })).token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mail.close();
    await this.blobs.close();
    await this.sqlite.close();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
