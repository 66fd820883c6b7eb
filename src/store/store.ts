import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type BlobRows, createBlobRows } from "./blobs.ts";
import { type Branches, createBranches } from "./branches.ts";
import { type Connections, createConnections, sampleOfConnections } from "./connections.ts";
import { createDeployments, type Deployments } from "./deployments.ts";
import { createDomains, type Domains } from "./domains.ts";
import { type Cipher, createEnvironment, type Environment, type Sample, sampleOf } from "./environment.ts";
import { createFiles, type Files } from "./files.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createJobs, enqueue, type Jobs } from "./jobs.ts";
import { createLikes, type Likes } from "./likes.ts";
import { createMailAddresses, type MailAddresses } from "./mail-addresses.ts";
import { createMails, type Mails } from "./mails.ts";
import { createMerges, type Merges } from "./merge.ts";
import { openMigrated, TOWN_MIGRATIONS } from "./migrate.ts";
import { createOAuthRecords, type OAuthRecords } from "./oauth.ts";
import { createOrgs, type Orgs } from "./orgs.ts";
import { createPortable, type Portable } from "./portable.ts";
import { createPulls, type Pulls } from "./pulls.ts";
import { createRemains } from "./remains.ts";
import { createRemixes, type Remixes } from "./remix.ts";
import { createRequests, type Requests } from "./requests.ts";
import { createSchedules, type Schedules } from "./schedules.ts";
import type { TownSchema } from "./schema.ts";
import { createSearch, type Search } from "./search.ts";
import { SearchIndex } from "./search-index.ts";
import { createSubdomains, type Subdomains } from "./subdomains.ts";
import { openTelemetry, TELEMETRY_DEFAULTS, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
import { TextThread } from "./text-thread.ts";
import { createTokens, type Tokens } from "./tokens.ts";
import { createUsage, type Usage } from "./usage.ts";
import { createUsers, type Users } from "./users.ts";
import { createVals, type Vals } from "./vals.ts";
import { createVersions, type Versions } from "./versions.ts";

export type { Accounts, LinkKind, NewAccount, OneTimeLink, PersonChange } from "./accounts.ts";
export type { Audit, AuditEvent, AuditRow } from "./audit.ts";
export type { BlobChange, BlobPlace, BlobRow, BlobRows } from "./blobs.ts";
export type { Branches, NewBranch } from "./branches.ts";
export type { FailedAttempt, FileBuild, GoodBuild } from "./builds.ts";
export type {
  Connection,
  ConnectionPlace,
  Connections,
  ConnectionTokens,
  StoredConnection,
} from "./connections.ts";
export type { Deployed, Resolved, ResolvedFile } from "./deployed.ts";
export type { BuildNotes, Built, Deployments, FailedBuild } from "./deployments.ts";
export type { Diff, FileDiff } from "./diff.ts";
export type { Domain, Domains } from "./domains.ts";
export type { Cipher, Environment, Sample, Variable, VariableChange } from "./environment.ts";
export { StoreError, type StoreFailure } from "./failure.ts";
export type { NewFile, Target } from "./file-edit.ts";
export type { At } from "./file-reads.ts";
export type { Condition, FileChange, Files, Saved, SavedFile } from "./files.ts";
export { type Inbox, type MailPayload, mailKey, type NewReceivedMail, type ReceivedMail } from "./inbox.ts";
export type { Invite, Invites } from "./invites.ts";
export type { Job, JobKind, JobOutcome, JobRun, Jobs, ListedJob, NewJob, Recovered } from "./jobs.ts";
export type { Likes } from "./likes.ts";
export type { MailAddresses, MailTarget } from "./mail-addresses.ts";
export type { MailRow, MailState, Mails } from "./mails.ts";
export type { MainFile } from "./main-files.ts";
export type { Merged, MergePreview, MergeRequest, Merges } from "./merge.ts";
export type {
  NewOAuthRecord,
  OAuthGrant,
  OAuthPayload,
  OAuthRecord,
  OAuthRecords,
  OAuthToken,
} from "./oauth.ts";
export type { Invitation, Invitations, NewInvitation } from "./org-invitations.ts";
export type { Member, Org, Orgs } from "./orgs.ts";
export type { BranchOf, Pin } from "./pins.ts";
export type { PastFile, PastVersion, Portable, WholeBranch, WholeVal } from "./portable.ts";
export { PULL_STATES, type Pull, type PullEnd, type PullState, type PullUser } from "./pull-lists.ts";
export type { NewPull, Pulls } from "./pulls.ts";
export type { NewRemix, Origin, Remixes } from "./remix.ts";
export type { EarlierRequest, KeptAnswer, KeyedRequest, Requests } from "./requests.ts";
export type { GivenSchedule } from "./schedule-settle.ts";
export type { CronTick, FileSchedule, ScheduleChange, Schedules, SkippedSlot } from "./schedules.ts";
export type { OrgRole } from "./schema-orgs.ts";
export type { FoundFile, FoundUser, FoundVal, Search, SearchQuery } from "./search.ts";
export type { FoundLine } from "./search-lines.ts";
export type { Passkey, Session, Sessions } from "./sessions.ts";
export { refersToNothing } from "./sqlite.ts";
export { TELEMETRY_DEFAULTS, type Telemetry, type TelemetryOptions } from "./telemetry.ts";
export type { Followable, FollowFilter } from "./telemetry-follow.ts";
export {
  type Log,
  type LogFilter,
  logNanos,
  type TelemetryPage,
  type Trace,
  type TracedCall,
  type TraceFilter,
} from "./telemetry-queries.ts";
export type { LogRecord, RunRecord, Subject } from "./telemetry-rows.ts";
export { makeSecret, type NewToken, type Token, type Tokens } from "./tokens.ts";
export type { AccountUsage, Usage } from "./usage.ts";
export type { NewUser, User, Users } from "./users.ts";
export type { ValChanges } from "./val-changes.ts";
export type { Branch, NewVal, Page, Val, Vals } from "./vals.ts";
export type { VersionBuild } from "./version-builds.ts";
export type { Reverted, Version, Versions } from "./versions.ts";

/** Everything that outlives the process. A write is on disk when its promise resolves (telemetry: soon after). */
export interface Store {
  readonly users: Users;
  readonly orgs: Orgs;
  readonly tokens: Tokens;
  readonly vals: Vals;
  readonly branches: Branches;
  readonly merges: Merges;
  readonly pulls: Pulls;
  readonly remixes: Remixes;
  readonly versions: Versions;
  readonly files: Files;
  readonly likes: Likes;
  readonly deployments: Deployments;
  readonly subdomains: Subdomains;
  readonly domains: Domains;
  /** When interval files run. */
  readonly schedules: Schedules;
  readonly mails: Mails;
  /** Where mail of others goes. */
  readonly mailAddresses: MailAddresses;
  readonly inbox: Inbox;
  /** What starts vals by itself, waiting or under way. */
  readonly jobs: Jobs;
  readonly audit: Audit;
  readonly accounts: Accounts;
  /** For better-auth, which brings its own queries of the tables `auth_…`; nothing else may touch it. */
  readonly authDatabase: AuthDatabase;
  readonly environment: Environment;
  /** The directory of blobs; their bytes are the blob service's. */
  readonly blobs: BlobRows;
  readonly search: Search;
  readonly usage: Usage;
  readonly portable: Portable;
  readonly connections: Connections;
  /** Requests that were sent with an idempotency key. */
  readonly requests: Requests;
  /** What the OAuth server remembers. */
  readonly oauth: OAuthRecords;
  readonly telemetry: Telemetry;
  /** What is left of removed vals is removed. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** A database as better-auth takes it. */
export interface AuthDatabase {
  // biome-ignore lint/suspicious/noExplicitAny: better-auth's own type; it knows its tables by itself
  readonly db: Kysely<any>;
  readonly type: "sqlite";
}

export interface StoreOptions {
  /** Data folder, made when missing; holds `hamlet.db` and `telemetry.db`. */
  readonly folder: string;
  readonly telemetry?: Partial<TelemetryOptions>;
  /** Where encrypted values are written or read: gives the cipher, told of something it has encrypted before. */
  readonly cipher?: (sample: Sample | undefined) => Cipher;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Told of failures in the background: storing telemetry, removing old telemetry, indexing code. */
  readonly onError?: (error: unknown) => void;
}

/** Open the data folder, making or migrating the databases in it. Several processes may have it open. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { folder, now = Date.now, onError = () => {} } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "hamlet.db");
  let wrote = (_into: ReadonlySet<string>) => {};
  const town = await openMigrated<TownSchema>(
    { file, durability: "full", onWrite: (into) => wrote(into) },
    TOWN_MIGRATIONS,
  );
  try {
    const cipher = options.cipher?.((await sampleOf(town.db)) ?? (await sampleOfConnections(town.db)));
    const bounds = { ...TELEMETRY_DEFAULTS, ...options.telemetry };
    const telemetry = await openTelemetry(join(folder, "telemetry.db"), bounds, now, onError);
    const texts = new TextThread();
    const remains = createRemains(town, now, onError);
    const index = new SearchIndex(town, onError);
    const mailAddresses = createMailAddresses(town.db, now);
    const inbox = createInbox(town.db, now, { resolve: mailAddresses.resolve, enqueue });
    const jobs = createJobs(town.db, now);
    wrote = (into) => {
      index.wake();
      if (into.has("jobs")) jobs.made();
    };
    index.wake();
    return {
      users: createUsers(town.db, now),
      orgs: createOrgs(town.db, now),
      tokens: createTokens(town.db, now),
      vals: createVals(town.db, now, remains),
      branches: createBranches(town.db, now, remains),
      merges: createMerges(town.db, now, texts),
      pulls: createPulls(town.db, now, texts),
      remixes: createRemixes(town.db, now),
      versions: createVersions(town.db, now, texts),
      files: createFiles(town.db, now),
      likes: createLikes(town.db, now),
      deployments: createDeployments(town.db, now),
      blobs: createBlobRows(town.db, now),
      environment: createEnvironment(town.db, now, cipher),
      subdomains: createSubdomains(town.db, now),
      domains: createDomains(town.db, now),
      schedules: createSchedules(town.db, now),
      mails: createMails(town.db, now),
      mailAddresses,
      inbox,
      search: createSearch(town.db, index, texts),
      usage: createUsage(town.db, now, inbox),
      portable: createPortable(town.db, now, cipher),
      connections: createConnections(town.db, now, cipher),
      oauth: createOAuthRecords(town.db, now, cipher),
      requests: createRequests(town.db, now, cipher),
      jobs,
      audit: createAudit(town.db, now),
      accounts: createAccounts(town.db, now, remains),
      authDatabase: { db: town.db, type: "sqlite" },
      telemetry,
      settled: () => remains.settled(),
      async close() {
        texts.close();
        await remains.close();
        await index.close();
        await telemetry.close();
        await town.close();
      },
    };
  } catch (error) {
    await town.close();
    throw error;
  }
}
