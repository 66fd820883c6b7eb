/** Of which kind a start was, when WebSockets are taken for what they are too: calls of an endpoint. */
export function triggerOf(kind: string): string {
  return kind === "websocket" ? "http" : kind;
}

/** One trigger file of one version of a val, built: what the data plane needs to run it, and nothing more. */
export interface Deployment {
  /** Unique per (file, version, artifact, environment, identity); a worker belongs to one deployment for life. */
  readonly id: string;
  readonly valId: string;
  readonly fileId: string;
  readonly branchId: string;
  /** The branch's version that this was built from. */
  readonly version: number;
  /** Id and name of the owner. */
  readonly userId: string;
  readonly username: string;
  readonly valName: string;
  /** Absolute host folder that holds the built files, read-only to everyone. */
  readonly artifact: string;
  /** What to import: a path relative to `artifact`, `/`-separated, or the `https:` URL of a module in its cache. */
  readonly entry: string;
  /** How the worker is started: `pooled` from a blank one; `locked` on its own, with the artifact's lock and cache. */
  readonly start: "pooled" | "locked";
  /** What the val calls itself: `https://esm.town/v/{user}/{val}@{N}-{branch}/{path}`. */
  readonly module: string;
  /** Its code is its owner's alone: nothing of it may lie where other workers could read it. */
  readonly secret: boolean;
  /** The val's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What starts it; `http` when missing. */
  readonly trigger?: "http" | "interval" | "email" | "script";
  /** It is made for one run only, that of this trace: so are its worker, and its id. */
  readonly once?: string;
}

/** A val that is gone, or one branch of it, or one file that something may start. */
export interface Gone {
  readonly valId: string;
  readonly branchId?: string | undefined;
  readonly fileId?: string;
}
