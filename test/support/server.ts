/** A real `hamlet serve` in a process of its own, with a data folder of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadExamples, readExamples } from "../../src/examples.ts";
import { openStore } from "../../src/store/store.ts";
import { fillFolder } from "./fresh.ts";
import { connectRaw, type RawConnection, type RawResponse } from "./raw.ts";

const HAMLET = join(import.meta.dir, "../../bin/hamlet");
const READY_MS = 60_000;

export interface HamletOptions {
  /** More flags for `serve`. */
  readonly args?: readonly string[];
  /** A certain port instead of a free one. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A data folder that outlives this server; without it, one is made and removed. */
  readonly data?: string;
  /** Load the examples, as a first start does, or these alone: each takes a build. */
  readonly examples?: boolean | readonly string[];
  /** Of `tester`, from an earlier start over the same data: nothing is made anew, which is faster. */
  readonly token?: string;
  /** Told of its process, which may not be ready for long. */
  readonly spawned?: (pid: number) => void;
}

export interface TestVal {
  readonly id: string;
  readonly name: string;
  /** URL of its first HTTP file. */
  readonly endpoint: string;
  /** The `Host` header that reaches it. */
  readonly host: string;
}

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `hamlet` with these arguments to its end. */
export async function runHamlet(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const child = Bun.spawn([HAMLET, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: cleanEnv(env),
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

/** A folder that goes with the scope. */
export function makeTempFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "data-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a server on a free port, with a user `tester`; ends it and removes its data at the end of the scope. */
export async function startHamlet(options: HamletOptions = {}): Promise<TestHamlet> {
  const temp = options.data === undefined ? makeTempFolder() : undefined;
  const data = options.data ?? temp!.path;
  try {
    const token = options.token ?? (await prepareData(data, options.examples ?? false));
    const child = spawnHamlet({ ...options, data });
    const hamlet = new TestHamlet(child, data, token, () => temp?.[Symbol.dispose]());
    await hamlet.ready();
    return hamlet;
  } catch (error) {
    temp?.[Symbol.dispose]();
    throw error;
  }
}

/** The process alone, which may not be ready for long: for those who end it before. */
export function spawnHamlet(options: HamletOptions & { readonly data: string }): Child {
  const { data, port = 0, args = [], env = {}, spawned } = options;
  const child = Bun.spawn([HAMLET, "serve", "--json", "--port", String(port), "--data", data, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: cleanEnv(env),
    // A process group of its own, as a terminal gives it.
    detached: true,
  });
  spawned?.(child.pid);
  return child;
}

/** Makes a user in a data folder, or, if it is there, another token of theirs. */
export async function addUser(data: string, username: string): Promise<{ username: string; token: string }> {
  const [token] = await addUsers(data, [username]);
  return { username, token: token! };
}

async function addUsers(data: string, usernames: readonly string[]): Promise<string[]> {
  const store = await openStore({ folder: data });
  try {
    const tokens: string[] = [];
    for (const username of usernames) {
      const user = (await store.users.findByName(username)) ?? (await store.users.create({ username }));
      tokens.push((await store.tokens.create({ userId: user.id })).token);
    }
    return tokens;
  } finally {
    await store.close();
  }
}

/** The examples come with the user `me`, if there is none yet. */
async function prepareData(data: string, examples: boolean | readonly string[]): Promise<string> {
  await fillFolder(data);
  const some = typeof examples === "object";
  // As the first start makes `me`: after those who are there already.
  const names = some ? ["tester", "me"] : examples ? ["tester"] : ["me", "tester"];
  const tokens = await addUsers(data, names);
  if (some) await addExamples(data, examples);
  return tokens[names.indexOf("tester")]!;
}

async function addExamples(data: string, names: readonly string[]): Promise<void> {
  const store = await openStore({ folder: data });
  try {
    const me = (await store.users.findByName("me"))!;
    const all = await readExamples(join(import.meta.dir, "../../examples"));
    await loadExamples(
      store,
      me.id,
      all.filter(({ name }) => names.includes(name)),
    );
  } finally {
    await store.close();
  }
}

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

export class TestHamlet implements AsyncDisposable {
  readonly #child: Child;
  readonly #cleanUp: () => void;
  readonly data: string;
  readonly token: string;
  readonly username = "tester";
  port = 0;
  /** From its start until it was ready. */
  readyMs = 0;
  /** What it said when it was ready. */
  firstLine: Readonly<Record<string, unknown>> = {};
  #log = "";
  readonly #started = performance.now();
  readonly #logEnded: Promise<void>;

  constructor(child: Child, data: string, token: string, cleanUp: () => void) {
    this.#child = child;
    this.#cleanUp = cleanUp;
    this.data = data;
    this.token = token;
    this.#logEnded = this.#collect();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its exit code, once it has ended. */
  get exited(): Promise<number> {
    return this.#child.exited;
  }

  /** What it wrote to stderr so far. */
  get log(): string {
    return this.#log;
  }

  async ready(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), READY_MS);
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.#child.stdout as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes("\n")) break;
    }
    clearTimeout(timer);
    if (!text.includes("\n")) {
      await this.#logEnded;
      throw new Error(`hamlet serve ended before it was ready (code ${await this.exited}): ${this.#log}`);
    }
    this.firstLine = JSON.parse(text.slice(0, text.indexOf("\n")));
    this.port = Number(new URL(String(this.firstLine.url)).port);
    this.readyMs = performance.now() - this.#started;
  }

  /** Calls the API as `tester`; `path` such as `/v2/vals`, `json` becomes the body. */
  api(path: string, { json, ...init }: RequestInit & { json?: unknown } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${this.token}`);
    headers.set("host", new URL(String(this.firstLine.url)).host);
    if (json !== undefined) headers.set("content-type", "application/json");
    const body = json === undefined ? init.body : JSON.stringify(json);
    const method = init.method ?? (body == null ? "GET" : "POST");
    return fetch(`http://127.0.0.1:${this.port}/api${path}`, { ...init, method, headers, body });
  }

  /** Makes a public val; each file is what its name says, an endpoint if it says http. A string is the source of `main.http.ts`. */
  async val(name: string, source: string | Readonly<Record<string, string>>): Promise<TestVal> {
    const files = typeof source === "string" ? { "main.http.ts": source } : source;
    const val = await this.#expect(201, this.api("/v2/vals", { json: { name, privacy: "public" } }));
    let endpoint = "";
    for (const [path, content] of Object.entries(files)) {
      const started = /\.(interval|email)\.tsx?$/.exec(path)?.[1];
      const type = started ?? (path.includes("http") ? "http" : "script");
      const query = new URLSearchParams({ path });
      const file = await this.#expect(
        201,
        this.api(`/v2/vals/${val.id}/files?${query}`, { json: { type, content } }),
      );
      endpoint ||= file.links.endpoint ?? "";
    }
    return { id: val.id, name, endpoint, host: endpoint && new URL(endpoint).host };
  }

  /** Saves new content of one file. */
  async save(val: TestVal, content: string, path = "main.http.ts"): Promise<void> {
    const query = new URLSearchParams({ path });
    await this.#expect(
      200,
      this.api(`/v2/vals/${val.id}/files?${query}`, { method: "PUT", json: { content } }),
    );
  }

  /** `fetch` to a val; the name is not resolved. */
  fetch(val: TestVal, path = "/", init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("host", val.host);
    return fetch(`http://127.0.0.1:${this.port}${path}`, { redirect: "manual", ...init, headers });
  }

  connect(): Promise<RawConnection> {
    return connectRaw(this.port);
  }

  /** One request over a connection of its own, with exactly these header lines after `Host`. */
  async request(
    host: string,
    path = "/",
    { method = "GET", headers = [] as readonly string[], body = "" } = {},
  ): Promise<RawResponse> {
    await using connection = await this.connect();
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers];
    await connection.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    return await connection.readResponse(method);
  }

  /** Sends a signal and resolves with the exit code. */
  async stop(signal: "SIGTERM" | "SIGKILL" | "SIGINT" = "SIGTERM"): Promise<number> {
    this.#child.kill(signal);
    const code = await this.exited;
    await this.#logEnded;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), READY_MS);
    await this.stop();
    clearTimeout(timer);
    this.#cleanUp();
  }

  async #expect(status: number, pending: Promise<Response>) {
    const response = await pending;
    const text = await response.text();
    if (response.status !== status)
      throw new Error(`The API answered ${response.status}: ${text}\n${this.#log}`);
    return JSON.parse(text);
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr as AsyncIterable<Uint8Array>) {
      this.#log += decoder.decode(chunk, { stream: true });
    }
  }
}

/** The operator's own HAMLET_ variables must not reach a test. */
function cleanEnv(more: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([key, value]) => value !== undefined && !key.startsWith("HAMLET_"),
  );
  return { ...(Object.fromEntries(own) as Record<string, string>), ...more };
}
