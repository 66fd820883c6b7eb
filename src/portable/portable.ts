/** How do vals leave a town, and come into one? */

import type { Scope } from "../services/scope.ts";
import type { User, Val } from "../store/store.ts";
import { ArchiveError } from "./archive-error.ts";
import { Archive } from "./archive-read.ts";
import { type ExportOptions, type ExportTools, exportAccount, exportDatabase, exportVal } from "./export.ts";
import type { Allows } from "./guarded-fetch.ts";
import {
  checkConflicts,
  type DataReport,
  type ImportOptions,
  importData,
  importVal,
  type ValReport,
} from "./import.ts";
import { entriesOf } from "./layout.ts";
import { Remote, type RemoteOptions } from "./remote.ts";

export { ArchiveError } from "./archive-error.ts";
export type { ExportOptions } from "./export.ts";
export type { Allows } from "./guarded-fetch.ts";
export {
  type DataReport,
  type ImportOptions,
  ON_CONFLICT,
  type OnConflict,
  type ValReport,
} from "./import.ts";

export interface PortableOptions extends ExportTools {
  /** The largest archive that is taken, bytes. */
  readonly maxBytes: number;
  /** Of all blobs of an account. */
  readonly blobQuota: number;
  /** From where vals of other servers may be fetched. */
  readonly allows: Allows;
}

/** What an import came to. `B` is what came of building a val. */
export interface ImportReport<B> {
  readonly vals: readonly (ValReport & { readonly build?: B })[];
  readonly data: DataReport | undefined;
}

/** Puts a val that was made into service. */
export type Serve<B> = (val: Val) => Promise<B>;

/** A server elsewhere, and what of it is wanted. */
export interface RemoteRequest extends Pick<RemoteOptions, "url" | "token"> {
  readonly username?: string;
  readonly vals?: readonly string[];
}

/** Errors that its callers have made are ArchiveErrors. */
export interface PortableService {
  exportVal(val: Val, options: ExportOptions): ReadableStream<Uint8Array>;
  exportAccount(user: User, options: Pick<ExportOptions, "secrets" | "history">): ReadableStream<Uint8Array>;
  /** The SQL that makes a database again; undefined in a town without databases. */
  exportDatabase?(scope: Scope): Promise<ReadableStream<Uint8Array>>;
  /** Nothing is made before all of the archive is there and was found to be one. */
  importArchive<B>(
    body: AsyncIterable<Uint8Array>,
    options: ImportOptions & { readonly mayStore: boolean },
    serve: Serve<B>,
  ): Promise<ImportReport<B>>;
  importRemote<B>(request: RemoteRequest, options: ImportOptions, serve: Serve<B>): Promise<ImportReport<B>>;
}

/** At once, of all accounts: each may need as much disk as an account has. */
const MAX_IMPORTS = 2;
const BUILDS_AT_ONCE = 2;

export function createPortableService(options: PortableOptions): PortableService {
  const { folder, maxBytes, blobQuota, allows, blobs, sqlite } = options;
  const importing = new Set<string>();

  const alone = async <T>(ownerId: string, work: () => Promise<T>): Promise<T> => {
    if (importing.has(ownerId))
      throw new ArchiveError("Another import of this account is under way. Wait for it to end.", 429);
    if (importing.size >= MAX_IMPORTS)
      throw new ArchiveError("Other imports are under way. Try again later.", 429);
    importing.add(ownerId);
    try {
      return await work();
    } finally {
      importing.delete(ownerId);
    }
  };

  return {
    exportVal: (val, what) => exportVal(options, val, what),
    exportAccount: (user, what) => exportAccount(options, user, what),
    ...(sqlite && { exportDatabase: (scope: Scope) => exportDatabase(sqlite, scope) }),
    importArchive: (body, { mayStore, ...how }, serve) =>
      alone(how.ownerId, async () => {
        const used = (await blobs?.usage(how.ownerId)) ?? 0;
        const bounds = { bytes: maxBytes, blobBytes: Math.max(0, blobQuota - used) };
        await using archive = await Archive.read(body, folder, bounds);
        if (!mayStore && hasData(archive))
          throw new ArchiveError(
            "Token does not have the required permissions: the archive has blobs or databases",
            403,
          );
        if (how.onConflict === "fail") await checkConflicts(options, archive, how.ownerId);
        const builds = new Builds(serve);
        for (const name of archive.vals) await builds.add(await importVal(options, archive, name, how));
        return { data: await importData(options, archive, how), vals: await builds.all() };
      }),
    importRemote: ({ url, token, username, vals }, how, serve) =>
      alone(how.ownerId, async () => {
        const remote = new Remote({ url, token, allows });
        const builds = new Builds(serve);
        for (const val of await remote.vals(username, vals)) {
          await using archive = await Archive.empty(folder);
          const fetched = await remote
            .fetch(val, archive)
            .catch((error: unknown) => toFailure(val.name, error));
          await builds.add(fetched ?? (await importVal(options, archive, val.name, how)));
        }
        return { data: undefined, vals: await builds.all() };
      }),
  };
}

/** A val that cannot be fetched is told of; the others are fetched all the same. */
function toFailure(name: string, error: unknown): ValReport {
  if (!(error instanceof ArchiveError)) throw error;
  return { name, status: "failed", message: error.message, missing: [] };
}

function hasData(archive: Archive): boolean {
  return [undefined, ...archive.vals].some((name) => {
    const { blobs, database } = entriesOf(name);
    return archive.has(blobs) || archive.has(database);
  });
}

/** Vals that were made are built beside the making of further ones, a few at a time. */
class Builds<B> {
  readonly #serve: Serve<B>;
  readonly #reports: Promise<ValReport & { readonly build?: B }>[] = [];
  readonly #running = new Set<Promise<unknown>>();

  constructor(serve: Serve<B>) {
    this.#serve = serve;
  }

  async add(report: ValReport): Promise<void> {
    while (this.#running.size >= BUILDS_AT_ONCE) await Promise.race(this.#running);
    const { val } = report;
    if (val === undefined) {
      this.#reports.push(Promise.resolve(report));
      return;
    }
    const build = this.#serve(val).then((built) => ({ ...report, build: built }));
    this.#reports.push(build);
    this.#running.add(build);
    const end = () => void this.#running.delete(build);
    build.then(end, end);
  }

  all(): Promise<(ValReport & { readonly build?: B })[]> {
    return Promise.all(this.#reports);
  }
}
