/** The table of the OAuth server. */

export interface OAuthRecordTable {
  /** `AccessToken`, `Client`, `Grant`, … */
  model: string;
  /** SHA-256 of the record's id, hex: most ids are what lets a client in. */
  hash: string;
  /** JSON, sealed. */
  payload: string;
  user_id: string | null;
  client_id: string | null;
  /** Of a grant its own id; it is no secret. */
  grant_id: string | null;
  /** SHA-256 of another name by which it is found. */
  alias: string | null;
  created_at: number;
  /** When what may be used once was used. */
  consumed_at: number | null;
  /** Null for what stays. */
  expires_at: number | null;
}

export interface OAuthTables {
  oauth_records: OAuthRecordTable;
}
