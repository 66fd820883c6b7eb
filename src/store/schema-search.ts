/** What search finds, by number. The full-text indexes, whose row ids these are, have no columns to read. */
export interface SearchDocTable {
  doc: number;
  kind: "val" | "user" | "file";
  /** Id of the val, user or file. */
  ref: string;
}

/** The tables of search that queries name; the indexes are asked in SQLite's own words (`search-fts.ts`). */
export interface SearchTables {
  search_docs: SearchDocTable;
}
