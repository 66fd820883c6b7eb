/** What was made is run, though the process dies at any moment: a slot at most once, a mail at least once. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const RUNNER = join(import.meta.dir, "support/job-runner.ts");
const ROUNDS = 4;

/** Lets it run until it has written that many lines, then kills it; without a number, to its end. Returns what it wrote. */
async function run(folder: string, round: number, lines?: number): Promise<string[]> {
  const mode = lines === undefined ? ["drain"] : [];
  const child = Bun.spawn([process.execPath, RUNNER, folder, String(round), ...mode], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (lines !== undefined && text.split("\n").length > lines) child.kill("SIGKILL");
  }
  await child.exited;
  expect([child.signalCode, child.exitCode]).toEqual(lines === undefined ? [null, 0] : ["SIGKILL", null]);
  return text.split("\n").slice(0, -1);
}

test("kill -9 in the middle of claims: no job is lost, no slot begins twice, every mail gets through", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  try {
    const lines: string[] = [];
    for (let round = 0; round < ROUNDS; round++) lines.push(...(await run(folder, round, 30 + 23 * round)));
    lines.push(...(await run(folder, ROUNDS)));
    const made = new Set<string>();
    const ran = new Map<string, number>();
    for (const line of lines) {
      const [what, ...keys] = line.split(" ");
      for (const key of keys) {
        if (what === "made") made.add(key);
        else ran.set(key, (ran.get(key) ?? 0) + 1);
      }
    }
    expect(made.size).toBeGreaterThan(ROUNDS * 20);
    const interrupted = interruptedIn(folder);
    const twice = [...ran].filter(([key, count]) => key.startsWith("interval") && count > 1);
    const lost = [...made].filter((key) => !ran.has(key) && !interrupted.has(key));
    const undelivered = [...made].filter((key) => key.startsWith("email") && !ran.has(key));
    expect({ twice, lost, undelivered }).toEqual({ twice: [], lost: [], undelivered: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** Keys of the runs that a kill ended; and the queue is empty, the database sound. */
function interruptedIn(folder: string): Set<string> {
  using raw = new Database(join(folder, "hamlet.db"));
  expect(raw.query("pragma integrity_check").values()).toEqual([["ok"]]);
  expect(raw.query("select count(*) from jobs").values()).toEqual([[0]]);
  expect(raw.query("select count(*) from job_runs where outcome is null").values()).toEqual([[0]]);
  const rows = raw.query("select key from job_runs where outcome = 'interrupted'").values() as [string][];
  return new Set(rows.map(([key]) => key));
}
