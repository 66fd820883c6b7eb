/**
 * The tables, as Kysely sees them. Column types are those that SQLite and PostgreSQL share: text, integer, bigint.
 * Times are epoch milliseconds (`_at`) or microseconds (`_us`); booleans are 0 and 1; lists are JSON.
 */
import type { FileType } from "../val/file.ts";
import type { Privacy } from "../val/visibility.ts";
import type { AccountsTables } from "./schema-accounts.ts";
import type { ConnectionTables } from "./schema-connections.ts";
import type { JobTables } from "./schema-jobs.ts";
import type { MailInTables } from "./schema-mail-in.ts";
import type { OAuthTables } from "./schema-oauth.ts";
import type { OrgTables } from "./schema-orgs.ts";
import type { RequestTables } from "./schema-requests.ts";
import type { ScheduleTables } from "./schema-schedules.ts";
import type { SearchTables } from "./schema-search.ts";
import type { TriggerTables } from "./schema-triggers.ts";
import type { VersionsTables } from "./schema-versions.ts";

export interface UserTable {
  id: string;
  username: string;
  /** The username in lower case: unique, because it becomes part of host names. */
  username_key: string;
  type: "user" | "org";
  email: string | null;
  bio: string | null;
  image_url: string | null;
  tier: "free" | "pro" | "business" | null;
  created_at: number;
  /** `admin` runs this town. */
  role: "admin" | null;
  /** Since when the account may do nothing. */
  suspended_at: number | null;
  /** The shortest time between two runs of one of its schedules; null: the town's. */
  min_period_ms: number | null;
  /** Since when it wants no mails about what failed. */
  failure_mails_off_at: number | null;
}

export interface TokenTable {
  id: string;
  user_id: string;
  /** SHA-256 of the token, hex. */
  hash: string;
  label: string;
  /** Separated by spaces. */
  scopes: string;
  created_at: number;
  used_at: number | null;
  expires_at: number | null;
}

export interface ValTable {
  id: string;
  user_id: string;
  name: string;
  description: string | null;
  privacy: Privacy;
  image_url: string | null;
  /** Strictly growing, so that it can serve as the cursor of the list. */
  created_at: number;
}

export interface BranchTable {
  id: string;
  val_id: string;
  name: string;
  version: number;
  /** The branch it was forked from, of the same val; null for `main`. */
  forked_branch_id: string | null;
  /** The version of that branch at which it was forked. */
  fork_version: number | null;
  created_at: number;
  updated_at: number;
}

/** Texts by content: the same text is kept once. */
export interface TextTable {
  /** SHA-256 of the UTF-8 bytes, hex. */
  hash: string;
  content: string;
}

/** The newest state of each file; `deleted` rows stay so that ids and history keep their meaning. */
export interface FileTable {
  id: string;
  val_id: string;
  branch_id: string;
  /** The id of the file that this one, in a branch or remix, is a copy of in the end; its own if it is none. */
  lineage: string;
  path: string;
  /** The folder's path; `""` is the root. */
  parent: string;
  type: FileType;
  text_hash: string | null;
  version: number;
  deleted: number;
  created_at: number;
  updated_at: number;
}

/** Every state each file has had; the one as of version N is that with the greatest version <= N. */
export interface RevisionTable {
  file_id: string;
  version: number;
  branch_id: string;
  path: string;
  parent: string;
  type: FileType;
  text_hash: string | null;
  deleted: number;
  updated_at: number;
}

/** Host labels. A row belongs to its val for good; `file_id` is empty while no HTTP file uses it. */
export interface EndpointTable {
  label: string;
  val_id: string;
  file_id: string | null;
  /** `old`: of a name or an owner that the val had before; `custom`: its owner chose it, and may give it up. */
  kind: "id" | "name" | "old" | "custom";
}

/** What was built of each trigger file: the last good build, and the last failure if it is newer. */
export interface DeploymentTable {
  file_id: string;
  val_id: string;
  version: number | null;
  /** Key of the artifact, not a path. */
  artifact: string | null;
  entry: string | null;
  built_at: number | null;
  failed_version: number | null;
  /** JSON, the builder's own. */
  diagnostics: string | null;
  failed_at: number | null;
  /** How much of it was bundled: 0 all, 1 but for some packages, 2 nothing. */
  level: number;
  /** JSON: why the level is not 0, and the warnings. */
  notes: string | null;
}

/** Modules of another val that the newest build took in, or would have taken in if it had not failed. */
export interface PinTable {
  file_id: string;
  /** The val that was imported, which may be gone by now. */
  val_id: string;
  branch: string;
  version: number;
  /** Imported without a version: a newer one calls for a new build. */
  floating: number;
}

/** A variable of a val's environment. */
export interface EnvVarTable {
  val_id: string;
  key: string;
  /** Encrypted. */
  value: string;
  /** Its share of what all variables of one val may take. */
  size: number;
  description: string | null;
  created_at: number;
  updated_at: number | null;
}

/** What is known of each blob. Its bytes are an object of this name on disk or in S3; copies share one. */
export interface BlobTable {
  scope_kind: "user" | "val";
  scope_id: string;
  key: string;
  /** The user against whose quota it counts. */
  owner_id: string;
  object: string;
  size: number;
  sha256: string;
  content_type: string | null;
  modified_at: number;
}

/** Objects that no blob refers to: being written, or to be removed. */
export interface LeftoverTable {
  object: string;
}

/** What vals sent by mail. */
export interface MailTable {
  /** A UUID of version 7: in the order of creation. */
  id: string;
  user_id: string;
  val_id: string | null;
  state: "queued" | "sent" | "failed" | "kept";
  /** JSON, the mailer's own: from, to, cc, bcc, subject. */
  envelope: string;
  bytes: number;
  attempts: number;
  error: string | null;
  created_at: number;
  updated_at: number;
  next_at: number | null;
  /** JSON, the mailer's own; null once it is sent, or when there was too much. */
  content: string | null;
}

/** The town's own database. */
export interface TownSchema
  extends AccountsTables,
    ConnectionTables,
    JobTables,
    MailInTables,
    OAuthTables,
    OrgTables,
    RequestTables,
    ScheduleTables,
    SearchTables,
    TriggerTables,
    VersionsTables {
  users: UserTable;
  tokens: TokenTable;
  vals: ValTable;
  branches: BranchTable;
  texts: TextTable;
  files: FileTable;
  file_revisions: RevisionTable;
  endpoints: EndpointTable;
  deployments: DeploymentTable;
  env_vars: EnvVarTable;
  blobs: BlobTable;
  blob_leftovers: LeftoverTable;
  pins: PinTable;
  mails: MailTable;
}

/** One call of a val. Owner and val are repeated in each row: telemetry outlives what it describes. */
export interface RunTable {
  id: number;
  trace: string;
  username: string;
  val_id: string;
  file_id: string;
  branch_id: string;
  version: number;
  kind: string;
  method: string;
  url: string;
  status: number;
  error: string | null;
  start_us: number;
  first_us: number;
  /** 0 while it lasts. */
  end_us: number;
  bytes_in: number;
  bytes_out: number;
  worker: string;
  cold: number;
  aborted: number;
  request_headers: string;
  response_headers: string;
  /** Null for what has none, and for calls of the time before it was kept. */
  timeline: string | null;
}

/** One line of output of a val. */
export interface LogTable {
  id: number;
  trace: string;
  username: string;
  val_id: string;
  file_id: string;
  branch_id: string;
  version: number;
  level: string;
  stream: string;
  time_us: number;
  /** Tells lines of the same microsecond apart, 0 to 999: the nanoseconds of the time that clients see. */
  tie: number;
  text: string;
  /** What had started the val. */
  trigger: string;
}

/** How often an account's vals ran on a day (of UTC, since the epoch). */
export interface RunCountTable {
  user_id: string;
  day: number;
  runs: number;
}

/** The telemetry database. */
export interface TelemetrySchema {
  run_counts: RunCountTable;
  runs: RunTable;
  logs: LogTable;
}
