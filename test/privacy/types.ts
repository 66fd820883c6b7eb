/** The table of who gets what: its words, and how a row is written. */

import type { PRIVACIES } from "../../src/val/visibility.ts";
import type { Stage } from "./stage.ts";

export const VIEWERS = ["owner", "member", "stranger", "anonymous"] as const;

/** To an organization and its vals: who owns it, who is a member, who is neither, and who is nobody. */
export type Viewer = (typeof VIEWERS)[number];
export type Privacy = (typeof PRIVACIES)[number];

/** What `{…}` in a request stands for. */
export type Names = Readonly<Record<string, string>>;

export interface More {
  readonly query?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** It changes or removes what it finds: whoever may do so gets a val of his own for it. */
  readonly fresh?: true;
  /** More that is made anew for each call, by the one who may. */
  readonly make?: (stage: Stage, names: Names) => Promise<Names>;
}

/** Statuses for owner, member, stranger and anonymous. */
export type Four = `${number} ${number} ${number} ${number}`;

/** A route about a val: what each gets of a public, an unlisted and a private one. */
export type ValRow = readonly [route: string, pub: Four, unlisted: Four, priv: Four, more?: More];

/** A route about an account or the town: it is the same whatever the account's vals are. */
export type AccountRow = readonly [route: string, each: Four, more?: More];
