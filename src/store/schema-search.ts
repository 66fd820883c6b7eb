import type { Generated } from "kysely";

/** What search finds, by number. The full-text indexes, whose row ids these are, have no columns to read. */
export interface SearchDocTable {
  doc: number;
  kind: "val" | "user" | "file";
  /** Id of the val, user or file. */
  ref: string;
}

/** A file of which the index does not know yet that it has changed, in the order of the last changes. */
export interface SearchPendingTable {
  seq: Generated<number>;
  file_id: string;
}

/** The tables of search that queries name; the indexes are asked in SQLite's own words (`search-fts.ts`). */
export interface SearchTables {
  search_docs: SearchDocTable;
  search_pending: SearchPendingTable;
}
