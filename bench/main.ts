import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dhw, dhwFast } from "./contestants/dhw.ts";
import { direct } from "./contestants/direct.ts";
import { DENO, ROOT } from "./contestants/folder.ts";
import { hamlet } from "./contestants/hamlet.ts";
import { workerd } from "./contestants/workerd.ts";
import { api } from "./measures/api.ts";
import { cold, heavy } from "./measures/cold.ts";
import { cron } from "./measures/cron.ts";
import { download } from "./measures/download.ts";
import { memory } from "./measures/memory.ts";
import { relay } from "./measures/relay.ts";
import { save } from "./measures/save.ts";
import { store } from "./measures/store.ts";
import { streams } from "./measures/streams.ts";
import { upload } from "./measures/upload.ts";
import { warm } from "./measures/warm.ts";
import { toTable } from "./table.ts";
import type { Bench, Contestant, Measure, Row } from "./types.ts";
import { hasWrk } from "./wrk.ts";

const MEASURES: readonly Measure[] = [
  warm,
  cold,
  heavy,
  relay,
  download,
  upload,
  streams,
  memory,
  save,
  store,
  api,
  cron,
];
const CONTESTANTS: readonly Contestant[] = [hamlet, direct, dhw, dhwFast, workerd];
const USAGE = `npm run bench -- [--rounds 3] [--only MEASURE]... [--without CONTESTANT]...
measures: ${MEASURES.map(({ name, long }) => (long ? `(${name})` : name)).join(" ")}, those in brackets only when named
contestants: ${CONTESTANTS.map(({ name }) => name).join(" ")}`;

await main();

interface Choice {
  readonly measures: readonly Measure[];
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
}

async function main(): Promise<void> {
  const choice = parse();
  if (typeof choice === "string") {
    console.error(choice);
    process.exit(2);
  }
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const measure of choice.measures) {
    const start = performance.now();
    rows.push(...(await measure.run(createBench(measure.name, choice, failures))));
    console.error(`${measure.name}: done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  console.log(`\n${toTable(rows)}\n`);
  for (const note of new Set(rows.map((row) => row.note))) if (note) console.log(note);
  for (const failure of failures) console.log(`Not measured: ${failure}`);
  console.log(`Results: ${writeResults(rows, failures)}`);
  process.exit(failures.length > 0 ? 1 : 0);
}

function parse(): Choice | string {
  let values: { only: string[]; without: string[]; rounds: string };
  const list = { type: "string", multiple: true, default: [] as string[] } as const;
  try {
    const options = { only: list, without: list, rounds: { type: "string", default: "3" } } as const;
    values = parseArgs({ options }).values;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n${USAGE}`;
  }
  const { only, without } = values;
  const rounds = Number(values.rounds);
  const known = [...MEASURES, ...CONTESTANTS].map(({ name }) => name as string);
  if ([...only, ...without].some((name) => !known.includes(name))) return USAGE;
  if (!Number.isInteger(rounds) || rounds < 1) return USAGE;
  const measures = MEASURES.filter(({ name, long }) => (only.length === 0 ? !long : only.includes(name)));
  const contestants = CONTESTANTS.filter(({ name }) => !without.includes(name));
  if (measures.includes(warm) && !hasWrk()) return "The load tool wrk is missing: apt-get install wrk.";
  return { measures, contestants, rounds };
}

function createBench(measure: string, choice: Choice, failures: string[]): Bench {
  const progress = (text: string) => console.error(`${measure}: ${text}`);
  return {
    rounds: choice.rounds,
    contestants: new Map(choice.contestants.map((contestant) => [contestant.name, contestant])),
    progress,
    failed(contestant, error) {
      const failure = `${measure}, ${contestant}: ${error instanceof Error ? error.message : error}`;
      progress(failure);
      failures.push(failure);
    },
  };
}

function writeResults(rows: readonly Row[], failures: readonly string[]): string {
  const folder = join(ROOT, "bench/results");
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const path = join(folder, `${date.slice(0, 19).replaceAll(":", "")}.json`);
  const result = { date, commit: commit(), machine: machine(), rows, failures };
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  return path;
}

function commit(): string {
  const git = Bun.spawnSync(["git", "describe", "--always", "--dirty"], { cwd: ROOT, stderr: "ignore" });
  return git.stdout.toString().trim();
}

function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? "",
    cores: cpus().length,
    kernel: release(),
    bun: Bun.version,
    deno: Bun.spawnSync([DENO, "--version"]).stdout.toString().split(" ")[1] ?? "",
    node: Bun.spawnSync(["node", "--version"]).stdout.toString().trim(),
  };
}
