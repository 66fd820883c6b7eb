/** A subdomain that was given up. */
export interface ReleasedLabelTable {
  label: string;
  user_id: string;
  released_at: number;
}

/** A domain that leads, or shall lead, to an endpoint. Of those with one host at most one is verified. */
export interface DomainTable {
  id: string;
  host: string;
  /** Its owner is the owner of the domain. */
  val_id: string;
  file_id: string;
  /** What the TXT record must say. */
  token: string;
  created_at: number;
  verified_at: number | null;
  checked_at: number | null;
}

/** What came of building one version of a file; of each file the last ones. */
export interface BuildTable {
  file_id: string;
  version: number;
  ok: number;
  level: number;
  /** JSON: reasons and warnings. */
  notes: string | null;
  /** JSON, the builder's own. */
  diagnostics: string | null;
  at: number;
}

/** What leads to endpoints, and how they came to be. */
export interface TriggerTables {
  released_labels: ReleasedLabelTable;
  domains: DomainTable;
  builds: BuildTable;
}
