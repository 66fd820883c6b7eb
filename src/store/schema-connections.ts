/** A third-party account that an account of the town may use. */
export interface ConnectionTable {
  id: string;
  user_id: string;
  provider: string;
  /** What the third party calls it: an e-mail address, or the id of a workspace. */
  account: string;
  /** Encrypted: both tokens. */
  sealed: string;
  /** JSON. */
  scopes: string;
  /** When the access token ends; null when it does not. */
  expires_at: number | null;
  created_at: number;
  updated_at: number;
}

/** The table of third-party accounts. */
export interface ConnectionTables {
  connections: ConnectionTable;
}
