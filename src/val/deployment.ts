/** One trigger file of one version of a val, built: what the data plane needs to run it, and nothing more. */
export interface Deployment {
  /** Unique per (file, version); a worker belongs to one deployment for life. */
  readonly id: string;
  readonly valId: string;
  readonly fileId: string;
  readonly branchId: string;
  /** The branch's version that this was built from. */
  readonly version: number;
  readonly username: string;
  readonly valName: string;
  /** Absolute host folder that holds the built files, read-only to everyone, content-addressed. */
  readonly artifact: string;
  /** The module to import, relative to `artifact`, `/`-separated. */
  readonly entry: string;
  /** The val's own environment. */
  readonly env: Readonly<Record<string, string>>;
}
