/** The builder process: it parses what anybody may have written, and runs nothing of it. Host: src/build/bundler.ts. */

import { transform } from "esbuild";
import type { Answer, BundlerSettings, FoundVal, NotFound, Order } from "../wire/bundle.ts";
import { encodeFrame, readFrames } from "../wire/frames.ts";
import { toDiagnostics } from "./diagnose.ts";
import { Job, type Shared } from "./job.ts";
import { PackageFiles } from "./package-files.ts";
import { TextMemory } from "./package-loader.ts";
import { Standard } from "./standard.ts";
import { transpile } from "./transpile.ts";

const ORDER_LIMITS = { headBytes: 2 ** 28, bodyBytes: 0 };
/** Tells the host that esbuild's own process has died, which ends this one. */
const DEAD_SERVICE = 70;

const settings: BundlerSettings = JSON.parse(process.argv[2] ?? "{}");
const shared: Shared = {
  settings,
  standard: new Standard(settings.stdFolder, settings.origin),
  files: new PackageFiles(settings.cacheDir),
  memory: new TextMemory(),
};
const jobs = new Map<number, Job>();
const asked = new Map<number, (found: FoundVal | NotFound) => void>();
const out = Bun.stdout.writer();
let asks = 0;

// Its process is up, and its code warm, before the first build.
await transform("let a: number = 1", { loader: "ts" });
say({ kind: "ready" });
for await (const { head } of readFrames(Bun.stdin.stream(), ORDER_LIMITS)) {
  obey(head as Order).catch((error: unknown) => {
    console.error(error);
    if (isDeadService(error)) process.exit(DEAD_SERVICE);
    say({ kind: "broken", job: (head as Order).job, message: String(error) });
  });
}
process.exit(0);

async function obey(order: Order): Promise<void> {
  const { job } = order;
  switch (order.kind) {
    case "scan": {
      const find = (want: Extract<Answer, { kind: "find" }>["want"]) =>
        new Promise<FoundVal | NotFound>((resolve) => {
          const ask = ++asks;
          asked.set(ask, resolve);
          say({ kind: "find", job, ask, want });
        });
      const made = new Job(shared, order.files, order.entry, find);
      jobs.set(job, made);
      say({ kind: "scanned", job, ...(await made.scan()) });
      return;
    }
    case "found":
      asked.get(order.ask)?.(order.val);
      asked.delete(order.ask);
      return;
    case "bundle": {
      const answer = await jobs.get(job)!.bundle(order.lock, order.problems, order.placeholder);
      if (answer.ok) say({ kind: "bundled", job, ...answer.bundled }, answer.code, answer.map);
      else say({ kind: "failed", job, ...withoutOk(answer) });
      return;
    }
    case "end":
      jobs.delete(job);
      return;
    case "transpile":
      await answerTranspiled(order);
  }
}

async function answerTranspiled(order: Extract<Order, { kind: "transpile" }>): Promise<void> {
  const { job, path, prefixes } = order;
  try {
    const { code, map } = await transpile(order, prefixes);
    say({ kind: "transpiled", job, codeBytes: code.length }, code, map);
  } catch (error) {
    if (!(error instanceof Error) || !("errors" in error) || isDeadService(error)) throw error;
    const diagnostics = toDiagnostics(error.errors as [], settings.cacheDir);
    say({ kind: "failed", job, diagnostics: diagnostics.map((one) => ({ ...one, file: path })) });
  }
}

function withoutOk<T extends { ok: false }>({ ok: _, ...rest }: T): Omit<T, "ok"> {
  return rest;
}

function isDeadService(error: unknown): boolean {
  return /service (?:was stopped|is no longer running)/i.test(String(error));
}

function say(answer: Answer, ...body: Uint8Array[]): void {
  out.write(encodeFrame(answer, Buffer.concat(body)));
  Promise.resolve(out.flush()).catch(() => process.exit(1));
}
