/** Logs and traces as they come. What is sent is read from the store, so that a slow reader holds up nothing but himself. */

import type { Context } from "hono";
import type { Auth } from "../../auth/auth.ts";
import type { Followable, FollowFilter, Store } from "../../store/store.ts";
import { liveLogs, liveTraces } from "../contract/telemetry.ts";
import { viewerOf } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { answerEvents, HEARTBEAT, HEARTBEAT_MS, toEvent } from "./events.ts";
import { ApiError } from "./problem.ts";
import { presentLog, presentTrace } from "./telemetry.ts";

const STREAMS_PER_USER = 20;
const RECHECK_MS = 5000;

interface Query {
  readonly val_id?: string | undefined;
  readonly file_id?: string | undefined;
  readonly branch_ids?: string[] | undefined;
  readonly trace_ids?: string[] | undefined;
}

type Kind = keyof Followable;
type Present = {
  readonly [K in Kind]: { readonly event: string; readonly show: (row: Followable[K]) => unknown };
};

const PRESENT: Present = {
  logs: { event: "log", show: presentLog },
  runs: { event: "trace", show: presentTrace },
};

export function addLiveRoutes(app: App, auth: Auth, { store, leaving, recheckMs = RECHECK_MS }: Tools): void {
  const open = new Map<string, number>();

  app.openapi(liveLogs, (c) => answer(c, "logs", c.req.valid("query")));
  app.openapi(liveTraces, (c) => answer(c, "runs", c.req.valid("query")));

  async function answer<K extends Kind>(c: Context<Env>, kind: K, query: Query): Promise<Response> {
    const { userId } = viewerOf(c);
    const leave = enter(userId);
    try {
      const last = c.req.header("last-event-id");
      const after = last === undefined ? await store.telemetry.newest(kind) : Number(last);
      const names = namesOf(c.req.raw);
      const follower = new Follower(store, kind, query, { after, names, recheckMs });
      const close = () => follower.close();
      leaving?.addEventListener("abort", close);
      return answerEvents(c, {
        next: () => follower.next(),
        leave() {
          leaving?.removeEventListener("abort", close);
          close();
          leave();
        },
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  function enter(userId: string): () => void {
    const now = open.get(userId) ?? 0;
    if (now >= STREAMS_PER_USER)
      throw new ApiError(429, `You follow ${now} streams already. Close one of them`, undefined, {
        "retry-after": "5",
      });
    open.set(userId, now + 1);
    return () => {
      const left = open.get(userId)! - 1;
      if (left === 0) open.delete(userId);
      else open.set(userId, left);
    };
  }

  /** Whose rows the caller may see at this moment; undefined when the token or session is no longer good. */
  function namesOf({ url, headers }: Request): () => Promise<readonly string[] | undefined> {
    return async () => {
      // Another request each time: what was found out about one is remembered.
      const viewer = await auth.identifyRequest(new Request(url, { headers }));
      if (typeof viewer === "string" || !viewer.permits("telemetry:read")) return undefined;
      return await store.users.namesOf(viewer.accounts);
    };
  }
}

interface Start {
  readonly after: number;
  readonly names: () => Promise<readonly string[] | undefined>;
  readonly recheckMs: number;
}

class Follower<K extends Kind> {
  readonly #store: Store;
  readonly #kind: K;
  readonly #query: Query;
  readonly #start: Start;
  readonly #unlisten: () => void;
  #after: number;
  #usernames: readonly string[] | undefined;
  #checkedAt = 0;
  /** There may be something since the last look. */
  #stale = true;
  #wake: (() => void) | undefined;
  #greeted = false;
  #over = false;

  constructor(store: Store, kind: K, query: Query, start: Start) {
    this.#store = store;
    this.#kind = kind;
    this.#query = query;
    this.#start = start;
    this.#after = start.after;
    this.#unlisten = store.telemetry.onStored((owners) => {
      if (this.#usernames?.some((name) => owners.has(name)) === false) return;
      this.#stale = true;
      this.#wake?.();
    });
  }

  /** The next events; undefined after the end. */
  async next(): Promise<string | undefined> {
    if (!this.#greeted) {
      this.#greeted = true;
      // Its place, so that who is cut off before the first event goes on from here, and not from his next coming.
      return `retry: 2000\nid: ${this.#after}\n\n`;
    }
    const quietUntil = performance.now() + HEARTBEAT_MS;
    while (!this.#over) {
      if (!(await this.#mayGoOn())) {
        this.#over = true;
        return toEvent("end", { reason: "The token or session is no longer good" });
      }
      const text = this.#stale ? await this.#read(this.#usernames!) : "";
      if (text !== "") return text;
      // With the place: of what others wrote meanwhile nothing is to be read again, or taken for lost once it is removed.
      if (performance.now() >= quietUntil) return `id: ${this.#after}\n${HEARTBEAT}`;
      if (!this.#stale) await this.#wait(quietUntil - performance.now());
    }
    return undefined;
  }

  close(): void {
    this.#over = true;
    this.#unlisten();
    this.#wake?.();
  }

  async #mayGoOn(): Promise<boolean> {
    const now = performance.now();
    if (this.#usernames !== undefined && now - this.#checkedAt < this.#start.recheckMs) return true;
    this.#checkedAt = now;
    this.#usernames = await this.#start.names();
    return this.#usernames !== undefined;
  }

  async #read(usernames: readonly string[]): Promise<string> {
    const { val_id: valId, file_id: fileId, branch_ids: branchIds, trace_ids: traceIds } = this.#query;
    const filter: FollowFilter = { usernames, valId, fileId, branchIds, traceIds };
    this.#stale = false;
    const { rows, next, more, lost } = await this.#store.telemetry.follow(this.#kind, filter, this.#after);
    this.#after = next;
    if (more) this.#stale = true;
    const { event, show } = PRESENT[this.#kind];
    const events = rows.map((row) => toEvent(event, show(row), String(row.id)));
    // Told once: who comes back before the next event begins behind it.
    const dropped = lost ? toEvent("dropped", {}, rows.length === 0 ? String(next) : undefined) : "";
    return dropped + events.join("");
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, Math.min(ms, this.#start.recheckMs));
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
