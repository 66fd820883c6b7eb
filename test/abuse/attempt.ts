/** Goes into every attacking val beside its own files: makes all attempts and reports what came of each. */

/** What the attacker is told. More than any val can know, so that an attack fails at a wall and not for want of an address. */
export interface Town {
  /** What stands: everything, everything but Deno's own permissions, or these alone. */
  readonly walls: "all" | "namespaces" | "deno";
  /** The fixture's name. */
  readonly nonce: string;
  /** The one attempt to make; all of them when undefined. */
  readonly only?: string;
  /** Files on the host with secrets in them; the name says the kind. */
  readonly files: {
    readonly text: string;
    readonly json: string;
    readonly module: string;
    readonly database: string;
  };
  /** A folder on the host that anyone may write to. */
  readonly folder: string;
  /** An environment variable of the server, with a secret in it. */
  readonly variable: string;
  /** TCP and UDP on every address of the host. Whoever connects is recorded, and hears a secret. */
  readonly tcp: number;
  readonly udp: number;
  /** Hamlet itself. */
  readonly hamlet: number;
  /** Another user, and what is known of their private val. */
  readonly victim: Readonly<
    Record<
      "username" | "userId" | "valName" | "valId" | "branchId" | "fileId" | "mailId" | "traceId" | "endpoint",
      string
    >
  >;
  /** A web server that the operator lets vals reach; it redirects to `?to=`. */
  readonly allowed: string;
  /** Every address of the host, loopback included, and its name. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  /** Unix sockets on the host: the canary's, Hamlet's own, other vals'. */
  readonly sockets: readonly string[];
  readonly abstractSocket: string;
  /** Hamlet's folders. */
  readonly data: string;
  readonly run: string;
  /** Everything in the run folder: workers' own folders, and what is in them. */
  readonly folders: readonly string[];
  readonly server: number;
  /** A process on the host that has nothing to do with Hamlet, and must live on. */
  readonly bystander: number;
}

export type Attempt = (town: Town) => unknown;

/** An attempt that is of no interest when only some walls stand, and why. */
export interface Excused {
  readonly where: "namespaces" | "deno";
  readonly reason: string;
  readonly attempt: Attempt;
}

export interface Outcome {
  readonly name: string;
  readonly result: "stopped" | "succeeded" | "skipped" | "silent";
  /** The refusal, the loot or the reason. */
  readonly how: string;
}

const PATIENCE_MS = 60_000;

/**
 * A handler that makes every attempt at once, or the one that is asked for. One that throws was stopped, one that
 * returns has succeeded. A GET is answered with the attempts' names.
 */
export function attack(attempts: Readonly<Record<string, Attempt | Excused>>) {
  return async (request: Request): Promise<Response> => {
    if (request.method === "GET") return Response.json(Object.keys(attempts));
    const town = (await request.json()) as Town;
    const wanted = Object.entries(attempts).filter(([name]) => (town.only ?? name) === name);
    const outcomes = await Promise.all(wanted.map(([name, each]) => tryOut(name, each, town)));
    return Response.json(outcomes);
  };
}

/** It can reach no further than the val's own process: Deno may refuse it, and namespaces need not. */
export function ownProcess(reason: string, attempt: Attempt): Excused {
  return { where: "namespaces", reason, attempt };
}

/** Deno's permissions do not know it; namespaces and the network wall must refuse it. */
export function beyondDeno(reason: string, attempt: Attempt): Excused {
  return { where: "deno", reason, attempt };
}

/** The first attempt of `ways` that works out; throws what stopped each when none does. */
export async function anyOf<T>(ways: Iterable<T>, attempt: (way: T) => unknown): Promise<string> {
  const refusals: string[] = [];
  for (const way of ways) {
    try {
      return `${way}: ${show(await attempt(way))}`;
    } catch (error) {
      refusals.push(`${way}: ${message(error)}`);
    }
  }
  throw new Error(refusals.join("; "));
}

/** For attempts whose failure is no exception: throws unless `gain` is something. */
export function need<T>(gain: T | undefined | null | false | "", otherwise: string): T {
  if (gain === undefined || gain === null || gain === false || gain === "") throw new Error(otherwise);
  return gain;
}

// The host's tests are checked with this file, too, and know no Deno.
declare const Deno: { readonly env: { get(name: string): string | undefined } };

/** Calls the town's API with the val's own token; throws what it is refused with. */
export async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${Deno.env.get("valtown")}`);
  const base = path.startsWith("http") ? "" : Deno.env.get("VALTOWN_API_URL");
  const answer = await fetch(base + path, { ...init, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
  return text;
}

/** The same, where an answer is a gain only when it holds a secret. */
export async function askForSecrets(path: string, init?: RequestInit): Promise<string> {
  const text = await ask(path, init);
  if (!text.includes("secret-")) throw new Error(`no secret in ${text.slice(0, 300)}`);
  return text;
}

async function tryOut(name: string, each: Attempt | Excused, town: Town): Promise<Outcome> {
  const excuse = typeof each === "function" ? undefined : each;
  if (excuse?.where === town.walls) return { name, result: "skipped", how: excuse.reason };
  const attempt = excuse?.attempt ?? (each as Attempt);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<Outcome>((resolve) => {
    const how = `neither success nor failure within ${PATIENCE_MS} ms`;
    timer = setTimeout(() => resolve({ name, result: "silent", how }), PATIENCE_MS);
  });
  try {
    return await Promise.race([run(name, attempt, town), silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function run(name: string, attempt: Attempt, town: Town): Promise<Outcome> {
  try {
    return { name, result: "succeeded", how: show(await attempt(town)) };
  } catch (error) {
    return { name, result: "stopped", how: message(error) };
  }
}

const MAX_SHOWN = 4000;

function message(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, MAX_SHOWN);
  const cause = error.cause === undefined ? "" : ` (${message(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`.slice(0, MAX_SHOWN);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value).slice(0, MAX_SHOWN);
  if (typeof value === "string") return value.slice(0, MAX_SHOWN);
  // What cannot be shown was gained all the same.
  try {
    return (JSON.stringify(value) ?? "done").slice(0, MAX_SHOWN);
  } catch {
    return "something";
  }
}
