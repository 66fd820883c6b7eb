/** What a deployer works with. */

import type { Builder, Needed } from "./build/build.ts";
import type { HostTable } from "./gateway/host.ts";
import type { Log } from "./log.ts";
import type { Pool } from "./pool/types.ts";
import type { Store } from "./store/store.ts";
import type { Deployment, Gone } from "./val/deployment.ts";

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
  /** What runs of it is to be stopped. */
  readonly gone?: (what: Gone) => void;
}

/** A deployment with the hosts that lead to it. */
export interface Ready {
  readonly deployment: Deployment;
  readonly hosts: readonly string[];
}

/** What of one val is live at this moment. */
export interface Live {
  readonly hosts: Set<string>;
  /** By file id. */
  readonly deployments: Map<string, Deployment>;
}

/** The builds of one branch: the one that is under way, and the one for what was saved since it began. */
export interface Job<Report> {
  readonly valId: string;
  running: Promise<Report | undefined>;
  waiting: Promise<Report | undefined> | undefined;
}

/** Told when a build begins to be waited for, and when no longer. */
export type Waits = (waits: boolean) => void;
