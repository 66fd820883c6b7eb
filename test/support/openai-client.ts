/** OpenAI's own client, in a Deno of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DENO = join(import.meta.dir, "../../node_modules/deno/deno");
const SCRIPT = join(import.meta.dir, "../vals/openai-client.ts");

// biome-ignore lint/suspicious/noExplicitAny: what the client says is what the tests look at
export type Said = any;

export interface ClientOptions {
  /** Such as `npm:openai@6`. */
  readonly specifier: string;
  readonly baseURL: string;
  readonly apiKey: string;
  readonly maxRetries?: number;
}

/** Starts it, installing its package; it ends with the scope. */
export async function startClient({ specifier, ...options }: ClientOptions): Promise<OpenAiClient> {
  const client = new OpenAiClient(specifier, { maxRetries: 0, ...options });
  await client.events("client").next();
  return client;
}

export class OpenAiClient implements AsyncDisposable {
  readonly #cache = mkdtempSync(join(tmpdir(), "deno-"));
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #said = new Map<string, Said[]>();
  readonly #waiting = new Map<string, () => void>();
  #calls = 0;

  constructor(specifier: string, options: object) {
    this.#child = Bun.spawn(
      [DENO, "run", "--quiet", "--no-config", "--no-lock", "-A", SCRIPT, specifier, JSON.stringify(options)],
      { stdin: "pipe", stdout: "pipe", stderr: "inherit", env: { ...process.env, DENO_DIR: this.#cache } },
    );
    this.#read();
  }

  /** Begins a call; returns its name. */
  send(kind: "chat" | "responses" | "models" | "leave", params: object = {}): string {
    const id = `call${++this.#calls}`;
    this.#child.stdin.write(`${JSON.stringify({ id, kind, params })}\n`);
    this.#child.stdin.flush();
    return id;
  }

  /** What the client says of a call, as it says it. */
  async *events(id: string): AsyncGenerator<Said, never> {
    for (;;) {
      const next = this.#said.get(id)?.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    }
  }

  /** The first thing that the client says of a call. */
  async call(kind: "chat" | "responses" | "models", params: object = {}): Promise<Said> {
    return (await this.events(this.send(kind, params)).next()).value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
    rmSync(this.#cache, { recursive: true, force: true });
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.#child.stdout as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#heard(JSON.parse(line));
    }
  }

  #heard({ id, ...what }: { id: string }): void {
    this.#said.set(id, [...(this.#said.get(id) ?? []), what]);
    this.#waiting.get(id)?.();
  }
}
