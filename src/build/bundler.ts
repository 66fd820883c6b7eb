/** Keeps a builder process: started when it is needed, replaced when it dies, and nobody pays for another's source. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { HamletError } from "../errors.ts";
import type { ConfinedProgram, Sandbox } from "../sandbox/types.ts";
import type { BundlerSettings, Diagnostic, Order, Scanned, Source } from "../wire/bundle.ts";
import type { Lock, Problem } from "../wire/lock.ts";
import { Gate } from "./gate.ts";
import { BuilderProcess, Death, type Find, type ProcessLimits, type Reply } from "./process.ts";
import type { ToTranspile, TranspileResult } from "./types.ts";

const ROOT = join(import.meta.dir, "../..");
/** What Bun has mapped when it has begun, most of it never touched. */
const RESERVED_BYTES = 2 ** 30;

export const STD = join(ROOT, "src/std");
const CONCURRENCY = 2;
/** An idle one that has grown beyond is replaced: it would go on to take that memory. */
const IDLE_BYTES = 512 * 2 ** 20;
const MAX_DEATHS = 4;

export interface BundlerOptions {
  readonly sandbox: Sandbox;
  readonly settings: BundlerSettings;
  readonly limits: ProcessLimits;
}

type Answered<K extends Reply["kind"]> = Extract<Reply, { kind: K }>;
export type BundleReply =
  | {
      readonly ok: true;
      readonly answer: Answered<"bundled">;
      readonly code: Uint8Array;
      readonly map: Uint8Array;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly unbundled?: string };

/** One build's hold on the process, whichever that is at the moment. */
export interface Session {
  scan(): Promise<Scanned>;
  bundle(lock: Lock, problems: readonly Problem[], placeholder: string): Promise<BundleReply>;
  end(): void;
}

/** A call whose own source was too much. `diagnostic` is for its author. */
export class TooMuch extends Error {
  override readonly name = "TooMuch";
  readonly diagnostic: Diagnostic;
  readonly why: Death["why"];

  constructor(death: Death, timeMs: number) {
    super(death.message, { cause: death });
    this.why = death.why;
    this.diagnostic = explain(death, timeMs);
  }
}

export class Bundler {
  readonly #options: BundlerOptions;
  readonly #mounts: readonly string[];
  readonly #gate = new Gate(CONCURRENCY);
  #process: BuilderProcess | undefined;
  #jobs = 0;
  #closed = false;

  /** Throws HamletError `config` when esbuild is not installed. */
  constructor(options: BundlerOptions) {
    this.#options = options;
    this.#mounts = [
      ...findEsbuild(),
      ...["bundle", "wire", "val"].map((name) => join(ROOT, "src", name)),
      STD,
    ];
  }

  open(files: readonly Source[], entry: string, find: Find): Session {
    const job = ++this.#jobs;
    let scannedBy: BuilderProcess | undefined;
    const scanIn = async (process: BuilderProcess) => {
      const { answer } = await process.call({ kind: "scan", job, entry, files }, find);
      scannedBy = process;
      return expectKind(answer, "scanned");
    };
    return {
      scan: () => this.#call(scanIn),
      bundle: (lock, problems, placeholder) =>
        this.#call(async (process) => {
          if (process !== scannedBy) await scanIn(process);
          const { answer, body } = await process.call(
            { kind: "bundle", job, lock, problems, placeholder },
            find,
          );
          return toReply(answer, body);
        }),
      end: () => scannedBy?.tell({ kind: "end", job }),
    };
  }

  async transpile(file: ToTranspile): Promise<TranspileResult> {
    const order: Order = { kind: "transpile", job: ++this.#jobs, ...file };
    try {
      const { answer, body } = await this.#call((process) => process.call(order));
      if (answer.kind === "failed") return { ok: false, diagnostics: answer.diagnostics };
      const { codeBytes } = expectKind(answer, "transpiled");
      const text = (part: Uint8Array) => new TextDecoder().decode(part);
      return { ok: true, code: text(body.subarray(0, codeBytes)), map: text(body.subarray(codeBytes)) };
    } catch (error) {
      if (error instanceof TooMuch)
        return { ok: false, diagnostics: [{ ...error.diagnostic, file: file.path }] };
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#process?.close();
  }

  /**
   * Beside others first. When the process dies of one of several, each of them goes on alone, and the one it dies of then
   * is to blame.
   */
  async #call<T>(action: (process: BuilderProcess) => Promise<T>): Promise<T> {
    const attempt = async () => action(await this.#living());
    try {
      return await this.#gate.pass(attempt).catch(async (error) => {
        if (!(error instanceof Death) || error.suspects === 1 || this.#closed) throw error;
        return this.#gate.alone(attempt);
      });
    } catch (error) {
      if (this.#closed) throw new HamletError("shutting_down");
      throw error instanceof Death ? new TooMuch(error, this.#options.limits.timeMs) : error;
    } finally {
      this.#recycle();
    }
  }

  async #living(): Promise<BuilderProcess> {
    for (let deaths = 0; ; ) {
      if (this.#closed) throw new HamletError("shutting_down");
      if (this.#process === undefined || this.#process.ended) {
        this.#process = new BuilderProcess(this.#start(), this.#options.limits);
      }
      const process = this.#process;
      try {
        await process.ready;
        return process;
      } catch (error) {
        if (++deaths === MAX_DEATHS) throw new HamletError("internal", undefined, { cause: error });
      }
    }
  }

  #start(): ConfinedProgram {
    const { sandbox, settings, limits } = this.#options;
    return sandbox.program({
      main: join(ROOT, "src/bundle/main.ts"),
      args: [JSON.stringify(settings)],
      mounts: [...this.#mounts, settings.cacheDir].map((path) => ({ path })),
      // Bun reserves far more for compiled code by itself, and does without when it may not: 20 times slower.
      env: { BUN_JSC_jitMemoryReservationSize: `${64 * 2 ** 20}` },
      limits: {
        dataBytes: limits.memoryBytes + RESERVED_BYTES,
        tasks: 256,
        files: 1024,
        fileBytes: 2 ** 20,
        scratchBytes: 2 ** 20,
      },
    });
  }

  #recycle(): void {
    const process = this.#process;
    if (process === undefined || process.ended || process.busy || process.rssBytes < IDLE_BYTES) return;
    this.#process = undefined;
    process.close();
  }
}

function expectKind<K extends Reply["kind"]>(answer: Reply, kind: K): Answered<K> {
  if (answer.kind !== kind) throw new Error(`the builder process answered with ${answer.kind}, not ${kind}`);
  return answer as Answered<K>;
}

function toReply(answer: Reply, body: Uint8Array): BundleReply {
  if (answer.kind === "failed") {
    const { diagnostics, unbundled } = answer;
    return { ok: false, diagnostics, ...(unbundled === undefined ? {} : { unbundled }) };
  }
  const bundled = expectKind(answer, "bundled");
  const { codeBytes } = bundled;
  return { ok: true, answer: bundled, code: body.subarray(0, codeBytes), map: body.subarray(codeBytes) };
}

function explain({ why }: Death, timeMs: number): Diagnostic {
  if (why === "time") {
    const message = `This val could not be built within ${timeMs / 1000} s.`;
    return { message, hint: "Import fewer or smaller packages, or make its files smaller." };
  }
  const message = "This val is too deeply nested, or too large, to be read.";
  return { message, hint: "Look for brackets, expressions or data that repeat thousands of times." };
}

/** In our own node_modules, or beside us when Hamlet is itself a dependency. Its program is another package. */
function findEsbuild(folder = ROOT): string[] {
  const program = `@esbuild/${process.platform}-${process.arch}`;
  const places = ["esbuild", program].map((name) => join(folder, "node_modules", name));
  if (existsSync(join(places[0]!, "package.json")) && existsSync(join(places[1]!, "bin/esbuild")))
    return places;
  if (dirname(folder) !== folder) return findEsbuild(dirname(folder));
  const detail = `esbuild, which builds the vals, is not installed. Run "npm ci" in ${ROOT}, without --omit=optional.`;
  throw new HamletError("config", detail);
}
