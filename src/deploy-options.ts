/** What a deployer works with. */

import type { Builder, Needed } from "./build/build.ts";
import type { HostTable } from "./gateway/host.ts";
import type { Log } from "./log.ts";
import type { Pool } from "./pool/types.ts";
import type { Store } from "./store/store.ts";

export interface DeployerOptions {
  readonly store: Store;
  readonly builder: Builder;
  readonly pool: Pool;
  readonly hosts: HostTable;
  readonly webDomain: string;
  /** Origin of the URLs by which modules call themselves. */
  readonly moduleOrigin: string;
  readonly log: Log;
  /** Between two removals of what is served no more, ms. */
  readonly collectMs?: number;
  /** What was built for something else than to be served, and is needed still. */
  readonly needed?: () => readonly Needed[];
  /** A val is gone. */
  readonly gone?: (valId: string) => void;
}
