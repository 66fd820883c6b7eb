/** Vals that do their worst, each called every few seconds; each must be stopped and serve its next caller. */

import type { TestHamlet } from "../support/server.ts";

/** `/ok` answers `ok`, anything else does the harm. */
const harming = (harm: string, prelude = "") => `${prelude}
export default async (req) => {
  if (new URL(req.url).pathname === "/ok") return new Response("ok");
  ${harm}
  return new Response("survived");
};`;

/** By name; what they do should end in one of our own errors, or in an answer. */
export const HOSTILE: Readonly<Record<string, string>> = {
  heapBomb: harming("const all = []; for (;;) all.push(new Array(100_000).fill(all.length));"),
  bufferBomb: harming(
    "const all = []; for (;;) { all.push(new Uint8Array(16 << 20).fill(1)); await new Promise((go) => setTimeout(go, 1)); }",
  ),
  endlessLoop: harming("for (;;);"),
  endlessMicrotasks: harming("const spin = () => Promise.resolve().then(spin); await spin();"),
  logFlood: harming("for (let n = 0; n < 200_000; n++) console.log('flood', n);"),
  longLines: harming("for (let n = 0; n < 100; n++) console.error('x'.repeat(200_000));"),
  exits: harming("Deno.exit(3);"),
  throwsLater: harming(
    "setTimeout(() => { throw new Error('later'); }, 1); await new Promise((go) => setTimeout(go, 5));",
  ),
  threads: harming(
    "for (let n = 0; n < 100; n++) new Worker('data:text/javascript,setInterval(() => {}, 1)', { type: 'module' });",
  ),
  neverAnswers: harming("await new Promise(() => {});"),
  manyHeaders: harming(
    "const headers = new Headers(); for (let n = 0; n < 10_000; n++) headers.append('x-' + n, 'y'); return new Response('', { headers });",
  ),
  breaksOff: harming(
    "return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1000)); setTimeout(() => c.error(new Error('off')), 5); } }));",
  ),
  endlessBody: harming(
    "return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65_536)); } }));",
  ),
};

const PAUSE_MS = 4000;
const READ_BYTES = 8 << 20;

export interface HostileReport {
  calls: number;
  /** How often each outcome was seen: an error code, a status, or `broke off`. */
  readonly outcomes: Map<string, number>;
  readonly problems: string[];
}

/** Calls one hostile val until `stopped`. */
export async function harass(
  hamlet: TestHamlet,
  name: string,
  random: (below: number) => number,
  stopped: () => boolean,
  report: HostileReport,
): Promise<void> {
  const val = await hamlet.val(name, HOSTILE[name]!);
  while (!stopped()) {
    const outcome = await harm(() => hamlet.fetch(val, "/harm"));
    report.calls++;
    report.outcomes.set(outcome, (report.outcomes.get(outcome) ?? 0) + 1);
    if (outcome === "500 internal") report.problems.push(`${name} made Hamlet itself fail`);
    const next = await recover(() => hamlet.fetch(val, "/ok"));
    if (next !== "ok") report.problems.push(`${name}: its next caller got ${next}`);
    await Bun.sleep(PAUSE_MS / 2 + random(PAUSE_MS));
  }
}

async function harm(call: () => Promise<Response>): Promise<string> {
  try {
    const response = await call();
    const code = response.headers.get("x-hamlet-error");
    const reader = response.body?.getReader();
    for (let bytes = 0; reader && bytes < READ_BYTES; ) {
      const { value, done } = await reader.read();
      if (done) break;
      bytes += value.length;
    }
    await reader?.cancel();
    return code === null ? `${response.status}` : `${response.status} ${code}`;
  } catch {
    return "broke off";
  }
}

/** A worker that is being killed may take one more caller with it, and one that keeps dying is paced. */
async function recover(call: () => Promise<Response>): Promise<string> {
  let last = "";
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await Bun.sleep(100)) {
    try {
      const response = await call();
      last = await response.text();
      if (response.status === 200) return last;
    } catch (error) {
      last = String(error);
    }
  }
  return last;
}
