import type { Scope } from "../services/scope.ts";
import type { SqliteService } from "../services/sqlite.ts";
import { endOfStatements } from "../val/sql-tokens.ts";
import { ArchiveError } from "./archive-error.ts";
import { SqlStream } from "./sql-stream.ts";

const PORTION = 512 * 1024;
/** Of one statement, in characters: what fits into one request however it is escaped. */
const MAX_STATEMENT = 5 * 1024 * 1024;

/**
 * Run SQL in an empty database, with its owner's rights and no others. Rejects with ArchiveError; then the database is
 * removed again.
 */
export async function restoreSql(
  sqlite: SqliteService,
  scope: Scope,
  text: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await runAll(sqlite, scope, text);
  } catch (error) {
    await sqlite.removeScope(scope);
    throw error;
  }
}

async function runAll(sqlite: SqliteService, scope: Scope, text: AsyncIterable<Uint8Array>): Promise<void> {
  await using stream = new SqlStream(sqlite, scope);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let waiting = "";
  let looked = PORTION;
  for await (const bytes of text) {
    waiting += decode(decoder, bytes);
    if (waiting.length < looked) continue;
    const end = endOfStatements(waiting);
    if (end > 0) await stream.run(waiting.slice(0, end));
    waiting = waiting.slice(end);
    if (waiting.length > MAX_STATEMENT) throw new ArchiveError("A statement of the database is too long.");
    // A long statement is not looked through again at each piece.
    looked = Math.max(PORTION, 2 * waiting.length);
  }
  waiting += decode(decoder, undefined);
  if (waiting.trim() !== "") await stream.run(waiting);
  // Refused where a transaction is still open, which would be undone without a word.
  await stream.run("begin; commit");
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (cause) {
    throw Object.assign(new ArchiveError("The SQL of a database is not UTF-8."), { cause });
  }
}
