/** Work of the val's that outlives its requests: what it has given to `waitUntil` of std/utils. */

import { stillUnderWay } from "../wire/control.ts";
import { describe } from "./console.ts";
import { now, startTimer } from "./intrinsics.ts";
import type { Reporter } from "./report.ts";
import { currentTrace } from "./trace.ts";

/**
 * How long nothing must have been under way before the host hears of it: a val that gives away a short piece of work with
 * each request says so twice in such a time, not twice with each.
 */
const QUIET_MS = 100;

export interface Background {
  /** No piece may last for longer; undefined: for as long as it likes. */
  limit(ms: number | undefined): void;
  /** Calls back once none is under way; no promise, for a val can break those. */
  settled(next: () => void): void;
}

/** Pieces under way are a list, the oldest first; the val could replace what a Set does. */
interface Piece {
  readonly trace: string;
  readonly since: number;
  before: Piece | undefined;
  after: Piece | undefined;
  ended: boolean;
}

/** Take what is given to `waitUntil` by way of a property that the standard library knows. */
export function createBackground(report: Reporter): Background {
  let oldest: Piece | undefined;
  let newest: Piece | undefined;
  let limitMs: number | undefined;
  let watching = false;
  let told = false;
  let quieting = false;
  let wake = () => {};

  const begin = (): Piece => {
    const piece = { trace: currentTrace(), since: now(), before: newest, after: undefined, ended: false };
    if (newest === undefined) oldest = piece;
    else newest.after = piece;
    newest = piece;
    if (!told) report.background(true);
    told = true;
    watch();
    return piece;
  };

  const end = (piece: Piece) => {
    if (piece.ended) return;
    piece.ended = true;
    if (piece.before === undefined) oldest = piece.after;
    else piece.before.after = piece.after;
    if (piece.after === undefined) newest = piece.before;
    else piece.after.before = piece.before;
    if (oldest !== undefined) return;
    wake();
    if (quieting) return;
    quieting = true;
    startTimer(quiet, QUIET_MS);
  };

  const quiet = () => {
    quieting = false;
    if (oldest !== undefined || !told) return;
    told = false;
    report.background(false);
  };

  /** One timer for all: the oldest is the first to have lasted too long. */
  const watch = () => {
    if (watching || limitMs === undefined || oldest === undefined) return;
    watching = true;
    startTimer(expire, limitMs - (now() - oldest.since));
  };

  const expire = () => {
    watching = false;
    while (limitMs !== undefined && oldest !== undefined && now() - oldest.since >= limitMs) {
      report.log("warn", stillUnderWay(limitMs), oldest.trace);
      end(oldest);
    }
    watch();
  };

  const wait = async (work: unknown): Promise<void> => {
    const piece = begin();
    try {
      await work;
    } catch (error) {
      report.log("error", `Uncaught (in waitUntil) ${describe(error)}`, piece.trace);
    }
    end(piece);
  };

  // What the standard library finds here is all that a val can do with it: keep its own worker, up to the limit.
  Object.defineProperty(globalThis, Symbol.for("hamlet.waitUntil"), {
    value: (work: unknown) => void wait(work),
  });

  return {
    limit(ms) {
      limitMs = ms;
    },
    settled(next) {
      if (oldest === undefined) return next();
      const others = wake;
      wake = () => {
        wake = others;
        others();
        // What has just ended may have given more to wait for.
        this.settled(next);
      };
    },
  };
}
