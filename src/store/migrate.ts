import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import * as telemetry0001 from "./migrations/telemetry-0001-init.ts";
import * as telemetry0002 from "./migrations/telemetry-0002-traces.ts";
import * as telemetry0003 from "./migrations/telemetry-0003-triggers.ts";
import * as telemetry0004 from "./migrations/telemetry-0004-run-counts.ts";
import * as telemetry0005 from "./migrations/telemetry-0005-timelines.ts";
import * as telemetry0006 from "./migrations/telemetry-0006-vals.ts";
import * as town0001 from "./migrations/town-0001-init.ts";
import * as town0002 from "./migrations/town-0002-builds.ts";
import * as town0003 from "./migrations/town-0003-environment.ts";
import * as town0004 from "./migrations/town-0004-blobs.ts";
import * as town0005 from "./migrations/town-0005-mails.ts";
import * as town0006 from "./migrations/town-0006-orgs.ts";
import * as town0007 from "./migrations/town-0007-accounts.ts";
import * as town0008 from "./migrations/town-0008-oauth.ts";
import * as town0009 from "./migrations/town-0009-versions.ts";
import * as town0010 from "./migrations/town-0010-triggers.ts";
import * as town0011 from "./migrations/town-0011-search.ts";
import * as town0012 from "./migrations/town-0012-requests.ts";
import * as town0013 from "./migrations/town-0013-connections.ts";
import * as town0014 from "./migrations/town-0014-indexes.ts";
import * as town0015 from "./migrations/town-0015-jobs.ts";
import * as town0016 from "./migrations/town-0016-schedules.ts";
import * as town0017 from "./migrations/town-0017-mail-in.ts";
import { openSqlite, type SqliteDatabase, type SqliteOptions } from "./sqlite.ts";

/** All migrations of the town's database; a name is never changed once released. */
export const TOWN_MIGRATIONS: Record<string, Migration> = {
  "0001-init": town0001,
  "0002-builds": town0002,
  "0003-environment": town0003,
  "0004-blobs": town0004,
  "0005-mails": town0005,
  "0006-orgs": town0006,
  "0007-accounts": town0007,
  "0008-oauth": town0008,
  "0009-versions": town0009,
  "0010-triggers": town0010,
  "0011-search": town0011,
  "0012-requests": town0012,
  "0013-connections": town0013,
  "0014-indexes": town0014,
  "0015-jobs": town0015,
  "0016-schedules": town0016,
  "0017-mail-in": town0017,
};

/** All migrations of the telemetry database. */
export const TELEMETRY_MIGRATIONS: Record<string, Migration> = {
  "0001-init": telemetry0001,
  "0002-traces": telemetry0002,
  "0003-triggers": telemetry0003,
  "0004-run-counts": telemetry0004,
  "0005-timelines": telemetry0005,
  "0006-vals": telemetry0006,
};

/** Bring a database to the newest schema; rejects when it is newer than this program, or a step fails. */
export async function migrate<Schema>(
  db: Kysely<Schema>,
  migrations: Record<string, Migration>,
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Open a database file and bring it to the newest schema; on failure it is closed again. */
export async function openMigrated<Schema>(
  options: SqliteOptions,
  migrations: Record<string, Migration>,
): Promise<SqliteDatabase<Schema>> {
  const database = await openSqlite<Schema>(options);
  try {
    await migrate(database.db, migrations);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
