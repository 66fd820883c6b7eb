/** Which process serves which database: a few processes, each database in one of them at a time. */

import { SqliteError } from "./sqlite-error.ts";
import type { Home } from "./sqlite-home.ts";
import { Lane, type LaneLimits, type Verdict } from "./sqlite-lane.ts";
import type { Program } from "./sqlite-program.ts";
import type { Frame, Order, Report } from "./sqlite-protocol.ts";

/** How the processes are started, and how many of them. */
export interface LanesOptions {
  readonly start: () => Program;
  /** Processes, when none of them is held up. */
  readonly workers: number;
  readonly limits: LaneLimits;
  /** For the operator: a process ended that should not have. */
  readonly onDeath: (message: string) => void;
}

interface Chore {
  readonly file: string;
  readonly tidy: boolean;
  done(): void;
}

/** What a lane has to do, and for whom. */
interface Desk {
  readonly homes: Set<Home>;
  /** Those with work, in the order of their turns. */
  readonly ready: Set<Home>;
  readonly chores: Chore[];
  /** What runs. */
  current: Home | Chore | undefined;
}

const TICK_MS = 50;
/** Who is at one order for longer holds nobody else up: they go to another process. */
const SLOW_MS = 100;
/** Processes beyond the usual number, while all of those are slow. */
const EXTRA = 2;
/** Doubled with each time that a database is ended again. */
const PENALTY_MS = 60_000;
const MAX_PENALTY_MS = 3_600_000;
const SWEEP_MS = 10_000;
const IDLE_HOME_MS = 60_000;
const IDLE_LANE_MS = 300_000;
const MAX_HOMES = 128;
const CLOSE_MS = 1000;

/** All processes, and the databases that are at home in them. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #desks = new Map<Lane, Desk>();
  #nextOrder = 1;
  #ticking: NodeJS.Timeout | undefined;
  readonly #sweeping: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  /** A database has work: give it a turn in its process, or a process. */
  readonly wake = (home: Home): void => {
    if (this.#isClosed || !home.hasWork) return;
    const lane = this.#laneFor(home);
    if (lane === undefined) return;
    this.#desks.get(lane)!.ready.add(home);
    this.#pump(lane);
  };

  /** Close a database in its process; resolves once no process has it open. */
  async forget(home: Home): Promise<void> {
    const leaving = [...this.#desks].flatMap(([lane, { chores, current }]) => {
      const pending = [...chores, current].some((chore) => chore !== undefined && chore.file === home.file);
      return home.lane === lane || pending ? [this.#leave(home, lane, false)] : [];
    });
    home.lane = undefined;
    await Promise.all(leaving);
  }

  /** End every process, once its databases are closed properly or that takes too long. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    const closing = [...this.#desks].flatMap(([lane, { homes }]) =>
      [...homes].map((home) => this.#leave(home, lane, true)),
    );
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, CLOSE_MS);
    await Promise.race([Promise.all(closing), patience.promise]);
    clearTimeout(timer);
    this.#isClosed = true;
    clearInterval(this.#ticking);
    const lanes = [...this.#desks.keys()];
    for (const lane of lanes) lane.kill();
    await Promise.all(lanes.map(({ ended }) => ended));
  }

  #pump(lane: Lane): void {
    const desk = this.#desks.get(lane)!;
    while (lane.order === undefined) {
      const chore = desk.chores.shift();
      if (chore !== undefined) {
        desk.current = chore;
        lane.send({ kind: "forget", id: this.#nextOrder++, file: chore.file, tidy: chore.tidy });
        break;
      }
      const [home] = desk.ready;
      if (home === undefined) return;
      desk.ready.delete(home);
      const next = home.hasWork ? home.next(this.#nextOrder++) : undefined;
      if (next === undefined) continue;
      desk.current = home;
      lane.send(next.order, next.body);
    }
    this.#ticking ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #onReport(lane: Lane, frame: Frame<Report>): void {
    const desk = this.#desks.get(lane)!;
    const { current } = desk;
    desk.current = undefined;
    if (current === undefined) return;
    if ("tidy" in current) current.done();
    else {
      current.done(frame);
      if (current.hasWork) {
        if (current.lane === lane) desk.ready.add(current);
        else this.wake(current);
      }
    }
    this.#pump(lane);
  }

  #onEnd(lane: Lane, order: Order | undefined, verdict: Verdict | undefined, said: string): void {
    const { homes, chores, current } = this.#desks.get(lane)!;
    this.#desks.delete(lane);
    for (const chore of chores) chore.done();
    if (current !== undefined && "tidy" in current) current.done();
    else if (current !== undefined) {
      homes.add(current);
      if (verdict !== undefined) punish(current);
    }
    const error = toError(verdict, this.#options.limits);
    for (const home of homes) home.orphan(error, LOST);
    if (!this.#isClosed && !lane.isTired && verdict === undefined)
      this.#options.onDeath(
        `A database process ended by itself${order === undefined ? "" : ` during ${order.file}`}: ${said || "it said nothing"}.`,
      );
    for (const home of homes) this.wake(home);
  }

  #laneFor(home: Home): Lane | undefined {
    const now = performance.now();
    const isPenal = home.penalUntil > now;
    const { lane } = home;
    if (lane !== undefined) {
      const isFit = lane.isPenal === isPenal && !lane.isTired && lane.busyMs(now) < SLOW_MS;
      if (isFit || !home.isMovable) return lane;
    }
    let chosen: Lane;
    try {
      chosen = this.#choose(isPenal, now);
    } catch (error) {
      home.drop(new SqliteError(503, "UNAVAILABLE", `No database process can be started: ${error}`));
      return undefined;
    }
    if (chosen === lane) return lane;
    if (lane !== undefined) this.#leave(home, lane, false);
    const { homes } = this.#desks.get(chosen)!;
    if (homes.size >= MAX_HOMES) this.#makeRoom(chosen, homes);
    home.lane = chosen;
    homes.add(home);
    return chosen;
  }

  /** The least busy one; a new one while there are fewer than there may be. */
  #choose(isPenal: boolean, now: number): Lane {
    const load = (lane: Lane) => {
      const { ready, homes } = this.#desks.get(lane)!;
      return (ready.size + (lane.order === undefined ? 0 : 1)) * MAX_HOMES * 2 + homes.size;
    };
    const byLoad = [...this.#desks.keys()]
      .filter((lane) => lane.isPenal === isPenal && !lane.isTired)
      .sort((a, b) => load(a) - load(b));
    const swift = byLoad.find((lane) => lane.busyMs(now) < SLOW_MS);
    const usual = isPenal ? 1 : this.#options.workers;
    const most = isPenal ? 1 : usual + EXTRA;
    if (swift !== undefined && (swift.order === undefined || byLoad.length >= usual)) return swift;
    return byLoad.length < most ? this.#start(isPenal) : byLoad[0]!;
  }

  #start(isPenal: boolean): Lane {
    const lane = new Lane(this.#options.start(), isPenal, this.#options.limits, {
      report: (lane, frame) => this.#onReport(lane, frame),
      ended: (lane, order, verdict, said) => this.#onEnd(lane, order, verdict, said),
    });
    this.#desks.set(lane, { homes: new Set(), ready: new Set(), chores: [], current: undefined });
    return lane;
  }

  #leave(home: Home, lane: Lane, tidy: boolean): Promise<void> {
    const desk = this.#desks.get(lane)!;
    desk.homes.delete(home);
    desk.ready.delete(home);
    if (home.lane === lane) home.lane = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    desk.chores.push({ file: home.file, tidy, done: resolve });
    this.#pump(lane);
    return promise;
  }

  #makeRoom(lane: Lane, homes: ReadonlySet<Home>): void {
    const oldest = [...homes].filter((home) => home.isIdle).sort((a, b) => a.used - b.used)[0];
    if (oldest !== undefined) this.#leave(oldest, lane, true);
  }

  /** While anything runs. */
  #tick(): void {
    const now = performance.now();
    let isBusy = false;
    for (const [lane, { ready }] of [...this.#desks]) {
      if (lane.order === undefined) continue;
      isBusy = true;
      if (lane.busyMs(now) < SLOW_MS) continue;
      lane.watch(now);
      for (const home of [...ready]) if (home.isMovable) this.wake(home);
    }
    if (isBusy) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  /** Now and then: what nobody needs is closed. */
  #sweep(): void {
    const now = performance.now();
    for (const [lane, { homes, chores }] of [...this.#desks]) {
      for (const home of [...homes]) {
        if (home.isIdle && (lane.isTired || now - home.used > IDLE_HOME_MS)) this.#leave(home, lane, true);
      }
      const isIdle = homes.size === 0 && chores.length === 0 && lane.order === undefined;
      // One stays, so that the next visitor does not wait for a start.
      const isUnneeded = lane.isPenal || this.#desks.size > 1;
      if (isIdle && (lane.isTired || (isUnneeded && now - lane.used > IDLE_LANE_MS))) this.#retire(lane);
    }
  }

  #retire(lane: Lane): void {
    lane.isTired = true;
    lane.kill();
  }
}

/** Whoever is ended takes the open transactions of its neighbours along: the more often, the longer it is kept apart. */
function punish(home: Home): void {
  const now = performance.now();
  home.penalty =
    now - home.penalUntil < MAX_PENALTY_MS ? Math.min(home.penalty * 2, MAX_PENALTY_MS) : PENALTY_MS;
  home.penalUntil = now + home.penalty;
}

const LOST = new SqliteError(
  503,
  "STREAM_EXPIRED",
  "The database process was restarted while this request waited for the write lock. Its transaction is rolled back; begin again.",
);

function toError(verdict: Verdict | undefined, { timeMs, memoryBytes }: LaneLimits): SqliteError {
  if (verdict === "time")
    return new SqliteError(
      400,
      "SQLITE_INTERRUPT",
      `SQLite error: interrupted: the request ran for more than ${timeMs / 1000} s. What it did not commit is rolled back. Ask for less at once, or add an index.`,
    );
  if (verdict === "memory")
    return new SqliteError(
      400,
      "SQLITE_NOMEM",
      `SQLite error: out of memory: the request needed more than ${memoryBytes / 2 ** 20} MB. What it did not commit is rolled back. Ask for less at once.`,
    );
  return new SqliteError(
    503,
    "DATABASE_RESTARTED",
    "The database process ended during this request, which may or may not have been carried out. Look, then try again.",
  );
}
