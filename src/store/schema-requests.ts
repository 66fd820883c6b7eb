/** Requests that were sent with an idempotency key. */
export interface RequestTable {
  /** The token, session or val that sent it: another one's keys are other keys. */
  owner: string;
  key: string;
  user_id: string;
  /** SHA-256 of method, path, query and body, hex. */
  fingerprint: string;
  /** Null until it has been answered. */
  status: number | null;
  /** JSON: header fields by name. */
  headers: string | null;
  /** Encrypted, because a new token is told in such an answer. */
  body: string | null;
  created_at: number;
}

/** What remembers requests. */
export interface RequestTables {
  requests: RequestTable;
}
