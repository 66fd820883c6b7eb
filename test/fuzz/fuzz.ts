/** Sends random requests to every route of a running server, and looks at each answer. */

import { readdirSync } from "node:fs";
import { residentBytes } from "../support/memory.ts";
import { connectRaw, type RawConnection, type RawHead } from "../support/raw.ts";
import type { TestHamlet } from "../support/server.ts";
import { makeRandom } from "../support/store.ts";
import { harvest, type Operation } from "./operations.ts";
import { type FuzzRequest, makeRequest } from "./request.ts";
import { type Actor, SECRET, World } from "./world.ts";

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly progress?: (line: string) => void;
}

/** What came of it. */
export interface FuzzReport {
  /** Answers that should not be, each kind once, with the request that brought it. */
  readonly problems: string[];
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many there are. */
  readonly routes: number;
  /** Routes that a request without a mistake never got a good answer from. */
  readonly unreached: string[];
  /** Of the server's process: medians over the second and the last quarter of the run. */
  readonly growth: { readonly bytes: readonly [number, number]; readonly handles: readonly [number, number] };
}

const AT_ONCE = 8;
const RENEW_EVERY = 500;
const SAMPLE_EVERY = 100;
/** Of the gateway's own, which have its form. */
const OF_THE_GATEWAY = "x-hamlet-error";

interface Answer extends RawHead {
  readonly text: string;
  readonly json: unknown;
}

/** Always the same requests for a seed, though not always in the same order. */
export async function fuzz(hamlet: TestHamlet, options: FuzzOptions): Promise<FuzzReport> {
  const { requests, seed, progress = () => {} } = options;
  await using world = await World.make(hamlet);
  const run = new Run(hamlet, world);
  const random = makeRandom(seed);
  for (let from = 0; from < requests; from += RENEW_EVERY) {
    if (from > 0) await world.renew();
    const end = Math.min(from + RENEW_EVERY, requests);
    let next = from;
    const work = async () => {
      for (let i = next++; i < end; i = next++) {
        const operation = world.operations[i % world.operations.length]!;
        const actor = world.actorFor(operation, random);
        await run.send(
          operation,
          actor,
          makeRequest(operation, world.schemas, world.pools, makeRandom(seed + i)),
        );
        if (i % SAMPLE_EVERY === 0) run.sample();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    progress(
      `${end} requests, ${run.problems.size} problems, ${(residentBytes(hamlet.pid) / 2 ** 20).toFixed(0)} MB`,
    );
  }
  return run.end();
}

class Run {
  readonly problems = new Map<string, string>();
  readonly #statuses = new Map<number, number>();
  readonly #reached = new Set<string>();
  readonly #samples: { readonly bytes: number; readonly handles: number }[] = [];
  readonly #idle: RawConnection[] = [];
  readonly #hamlet: TestHamlet;
  readonly #world: World;

  constructor(hamlet: TestHamlet, world: World) {
    this.#hamlet = hamlet;
    this.#world = world;
  }

  async send(operation: Operation, actor: Actor, request: FuzzRequest): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#exchange(actor, request);
    } catch (error) {
      this.#report(operation, actor, request, `no answer: ${error instanceof Error ? error.message : error}`);
      return;
    }
    const { status } = answer;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const problem = this.#judge(operation, actor, request, answer);
    if (problem !== undefined) {
      const said = `${status} ${answer.text.slice(0, 300)}`;
      this.#report(operation, actor, request, `${problem}\n  was answered ${said}`);
    }
    if (status >= 300 || !request.known) return;
    this.#reached.add(operation.id);
    for (const [name, value] of harvest(this.#world.operations, operation, answer.json)) {
      // What others have made is asked for as well, but not everything there is.
      const goes = actor.name === "owner" && value.length < 100 && value !== this.#world.operatorId;
      if (goes) this.#world.pools.add(name, value);
    }
  }

  sample(): void {
    const { pid } = this.#hamlet;
    this.#samples.push({ bytes: residentBytes(pid), handles: readdirSync(`/proc/${pid}/fd`).length });
  }

  end(): FuzzReport {
    for (const connection of this.#idle) connection.destroy();
    const quarter = Math.floor(this.#samples.length / 4);
    const compare = (of: "bytes" | "handles") =>
      [this.#samples.slice(quarter, 2 * quarter), this.#samples.slice(3 * quarter)].map((part) =>
        median(part.map((sample) => sample[of])),
      ) as [number, number];
    return {
      problems: [...this.problems.values()],
      statuses: new Map([...this.#statuses].sort(([a], [b]) => a - b)),
      routes: this.#world.operations.length,
      unreached: this.#world.operations.map(({ id }) => id).filter((id) => !this.#reached.has(id)),
      growth: { bytes: compare("bytes"), handles: compare("handles") },
    };
  }

  #judge(operation: Operation, actor: Actor, request: FuzzRequest, answer: Answer): string | undefined {
    const { status, text, json } = answer;
    if (text.includes(SECRET) && !JSON.stringify(request).includes(SECRET))
      return `told ${actor.name} what is private`;
    if (status >= 500 && !mayFail(operation, answer)) return "failed";
    if (answer.header(OF_THE_GATEWAY) !== undefined) return undefined;
    const described = operation.answers.get(status);
    if (request.known && request.method !== "HEAD" && described === undefined)
      return `may not answer ${status}`;
    if (request.method === "HEAD" || status === 204 || status === 304) return undefined;
    if (status >= 400) {
      const mistake = mistakeInError(request, answer);
      // A conflict may say more than its sentence.
      if (mistake !== "says too much" || !described) return mistake;
    }
    if (!request.known || !described) return undefined;
    if (json === undefined) return "is no JSON";
    return this.#world.schemas.mismatch(described, json);
  }

  #report(operation: Operation, actor: Actor, request: FuzzRequest, problem: string): void {
    // One of each kind: ids and values differ.
    const kind = `${operation.id} ${problem
      .split("\n")[0]!
      .replace(/[0-9a-f-]{8,}|\d+/g, "#")
      .slice(0, 100)}`;
    if (this.problems.has(kind)) return;
    const { method, target, headers, body = "" } = request;
    const sent = `${method} ${target.slice(0, 300)} ${JSON.stringify(headers)} ${body.slice(0, 400)}`;
    this.problems.set(kind, `${operation.id}: ${sent}\n  by ${actor.name}: ${problem}`);
  }

  async #exchange(actor: Actor, request: FuzzRequest): Promise<Answer> {
    const body = request.body === undefined ? undefined : Buffer.from(request.body.toWellFormed(), "utf8");
    const lines = [
      `${request.method} /api${request.target} HTTP/1.1`,
      `Host: ${new URL(String(this.#hamlet.firstLine.url)).host}`,
      ...Object.entries({ ...authorization(actor), ...request.headers }).map(
        ([name, value]) => `${name}: ${value}`,
      ),
      ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"),
      body ?? Buffer.of(),
    ]);
    const kept = this.#idle.pop();
    try {
      if (kept !== undefined) return await this.#ask(kept, bytes, request);
    } catch (error) {
      // It was closed because the request before was refused without a look at its body.
      if (!String(error).includes('Received: ""')) throw error;
    }
    return await this.#ask(await connectRaw(this.#hamlet.port), bytes, request);
  }

  async #ask(connection: RawConnection, bytes: Buffer, request: FuzzRequest): Promise<Answer> {
    await connection.write(bytes);
    const answer = await readAnswer(connection, request.method);
    if (answer.header("connection") === "close" || isEndless(answer)) connection.destroy();
    else this.#idle.push(connection);
    return answer;
  }
}

const authorization = ({ token }: Actor) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
const isEndless = (head: RawHead) => head.header("content-type")?.startsWith("text/event-stream") === true;

async function readAnswer(connection: RawConnection, method: string): Promise<Answer> {
  const peeked = await connection.readHead();
  if (isEndless(peeked)) return { ...peeked, text: "", json: null };
  const body = await connection.readBody(peeked, method);
  const text = new TextDecoder().decode(body);
  const isJson = peeked.header("content-type")?.includes("json") === true;
  return { ...peeked, text, json: isJson ? parsed(text) : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Hrana has its own form, and a failed condition is told by one word. */
function mistakeInError({ target, known }: FuzzRequest, { status, json, text }: Answer): string | undefined {
  const isSqlite = target.includes("/sqlite/");
  const isRest = known && /\/(execute|batch)(\?|$)/.test(target);
  if ((isSqlite && !isRest) || status === 412) return undefined;
  const { statusCode, error, message, code, ...rest } = (json ?? {}) as Record<string, unknown>;
  if (statusCode !== status || typeof error !== "string") return "is no error as clients know it";
  if (typeof message !== "string" || message.length < 4) return "says nothing";
  if (Object.keys(rest).length > 0 || !["string", "undefined"].includes(typeof code)) return "says too much";
  return /\bat \S+ \(|\.ts:\d|SQLITE_|kysely/i.test(text) && !isSqlite ? "shows its inside" : undefined;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Somebody else's failure is no failure of ours, nor is a town that has its hands full, where a route says so. */
function mayFail(operation: Operation, { status, json }: Answer): boolean {
  if (!operation.answers.has(status)) return false;
  return status === 502 || (status === 503 && (json as { code?: unknown })?.code === "overloaded");
}
