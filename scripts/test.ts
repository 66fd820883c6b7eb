/**
 * Runs the test files in processes of their own, a few at a time, and sums up. Those below `src/`, which start no server,
 * share a few processes. A file whose first line says `// @alone` gets the machine to itself, one that says `// @long`
 * begins before the others. What a test leaves behind (a process, a temp folder) fails the run.
 */

import { dlopen } from "bun:ffi";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const BUN = process.execPath;
const DENO = join(import.meta.dir, "../node_modules/deno/deno");
const TEST_TIMEOUT_MS = 60_000;
const ENDING_MS = 3000;
const FILE_TIMEOUT_MS = 420_000;

const BURY_MS = 1000;

/**
 * Orphans of the tests become our children, so that none of them can hide (prctl(2), PR_SET_CHILD_SUBREAPER). Whoever
 * adopts must bury too (waitpid(2)): thousands of them end during a run.
 */
function adoptOrphans(): void {
  if (process.platform !== "linux") return;
  const { symbols } = dlopen("libc.so.6", {
    prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
    waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
  });
  if (symbols.prctl(36, 1n, 0n, 0n, 0n) !== 0) throw new Error("prctl refused PR_SET_CHILD_SUBREAPER");
  const bury = () => {
    for (const { pid, parent, state } of listProcesses()) {
      // Those that we have started are Bun's to wait for.
      if (parent === process.pid && state === "Z" && !started.has(pid)) symbols.waitpid(pid, null, 1);
    }
  };
  setInterval(bury, BURY_MS).unref();
}

/** The processes of the test files. */
const started = new Set<number>();

/** Test files that share a process; most have one of their own. */
type Group = readonly string[];

/** So many processes for all unit tests of the host: to start one costs more than most of them. */
const UNIT_GROUPS = 4;

function findGroups(wanted: readonly string[]): Group[] {
  const find = (pattern: string) =>
    [...new Bun.Glob(pattern).scanSync()]
      .sort()
      .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
  const whole = find("test/**/*.test.ts");
  const [guest, units] = [find("src/guest/**/*.test.ts"), find("src/**/*.test.ts")];
  const shared = units.filter((file) => !guest.includes(file));
  const dealt = Array.from({ length: UNIT_GROUPS }, (_, at) =>
    shared.filter((_, i) => i % UNIT_GROUPS === at),
  );
  // The long ones first, so that none of them is left to run by itself at the end.
  const long = whole.filter((file) => isMarked(file, "@long"));
  const rest = whole.filter((file) => !long.includes(file));
  return [
    ...[...long, ...rest, ...guest].map((file) => [file]),
    ...dealt.filter((group) => group.length > 0),
  ];
}

const isMarked = (file: string, mark: "@alone" | "@long") =>
  readFileSync(file, "utf8").startsWith(`// ${mark}`);

const isAlone = (group: Group) => isMarked(group[0]!, "@alone");

const nameOf = (group: Group) => (group.length === 1 ? group[0]! : `${group.length} files of src/`);

/** The guest's unit tests run where the guest runs. */
const commandOf = (group: Group): string[] =>
  group[0]!.startsWith("src/guest/")
    ? [DENO, "test", "--allow-all", "--config", "src/guest/deno.json", ...group]
    : [BUN, "test", "--timeout", String(TEST_TIMEOUT_MS), ...group.map((file) => `./${file}`)];

/** Counts as the runners print them; a run without counts, or one that failed without saying where, is one failure. */
function readOutcome(output: string, exitCode: number): Outcome {
  const last = (pattern: RegExp) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const passed = last(/^ *(\d+) pass$/gm) + last(/\| (\d+) passed/g);
  const failed = last(/^ *(\d+) fail$/gm) + last(/\| (\d+) failed/g);
  const skipped = last(/^ *(\d+) skip$/gm) + last(/^ *(\d+) todo$/gm) + last(/\| (\d+) ignored/g);
  const silent = passed + failed + skipped === 0 || (exitCode !== 0 && failed === 0);
  return { passed, failed: silent ? failed + 1 : failed, skipped };
}

async function runGroup(group: Group): Promise<Outcome> {
  const from = performance.now();
  // Into a file, not a pipe: an orphan would hold the pipe open, and us with it.
  const log = join(root, `${groups.indexOf(group)}.log`);
  mkdirSync(tempOf(group));
  const fd = openSync(log, "w");
  const child = Bun.spawn(commandOf(group), {
    stdout: fd,
    stderr: fd,
    stdin: "ignore",
    env: { ...process.env, TMPDIR: tempOf(group), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  started.add(child.pid);
  closeSync(fd);
  const timer = setTimeout(() => child.kill("SIGKILL"), FILE_TIMEOUT_MS);
  const code = await child.exited;
  clearTimeout(timer);
  const output = readFileSync(log, "utf8");
  const outcome = readOutcome(output, code);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const skips = outcome.skipped ? `, ${outcome.skipped} skipped` : "";
  console.log(
    `${outcome.failed ? "FAIL" : "ok  "} ${nameOf(group)} (${outcome.passed} passed${skips}, ${seconds} s)`,
  );
  if (outcome.failed) console.log(output + (child.signalCode ? `\nkilled by ${child.signalCode}` : ""));
  return outcome;
}

async function runAll(all: readonly Group[], atOnce: number): Promise<Outcome[]> {
  const queue = [...all];
  const outcomes: Outcome[] = [];
  const drain = async () => {
    for (let group = queue.shift(); group; group = queue.shift()) outcomes.push(await runGroup(group));
  };
  await Promise.all(Array.from({ length: atOnce }, drain));
  return outcomes;
}

/** Every process of the machine. */
function listProcesses() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/** The command line of a process; empty when it has ended. */
function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Every living process below us, as `pid command line`. */
function findLeftProcesses(): { pid: number; title: string }[] {
  if (process.platform !== "linux") return [];
  const rows = listProcesses();
  const below = new Set([process.pid]);
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const row of rows) if (below.has(row.parent)) below.add(row.pid);
  }
  return rows
    .filter(({ pid, state }) => pid !== process.pid && below.has(pid) && state !== "Z")
    .map(({ pid }) => ({ pid, title: titleOf(pid) }));
}

/** Waits for processes that are ending anyway; the answer is what is still there after that. */
async function awaitLeftProcesses(): Promise<{ pid: number; title: string }[]> {
  for (const deadline = Date.now() + ENDING_MS; Date.now() < deadline; await Bun.sleep(50)) {
    if (findLeftProcesses().length === 0) return [];
  }
  return findLeftProcesses();
}

adoptOrphans();
const groups = findGroups(process.argv.slice(2));
const root = mkdtempSync(join(tmpdir(), "tests-"));
/** A group's TMPDIR: short, because paths of unix sockets must be. */
const tempOf = (group: Group) => join(root, String(groups.indexOf(group)));
const together = groups.filter((group) => !isAlone(group));
const outcomes = [
  ...(await runAll(together, Math.min(availableParallelism() + 1, 4))),
  ...(await runAll(groups.filter(isAlone), 1)),
];

let failures = outcomes.reduce((sum, o) => sum + o.failed, 0);
if (groups.length === 0) failures += 1;
for (const { pid, title } of await awaitLeftProcesses()) {
  const group = groups.find((one) => title.includes(`${tempOf(one)}/`));
  console.log(`FAIL ${group ? nameOf(group) : "a test"} left a process behind: ${pid} ${title}`);
  process.kill(pid, "SIGKILL");
  failures += 1;
}
for (const group of groups) {
  for (const name of readdirSync(tempOf(group))) {
    console.log(`FAIL ${nameOf(group)} left behind in its temp folder: ${name}`);
    failures += 1;
  }
}
rmSync(root, { recursive: true, force: true });

const skipped = outcomes.reduce((sum, o) => sum + o.skipped, 0);
if (skipped) console.log(`${skipped} skipped: see above for what they need.`);
console.log(`${outcomes.reduce((sum, o) => sum + o.passed, 0)} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
