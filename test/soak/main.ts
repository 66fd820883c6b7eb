/**
 * What only time and bad luck bring about: `npm run soak -- [--kills 200] [--minutes 20] [--fuzz 0] [--smtp 0] [--seed 1]`. Fails on lost
 * saves, orphans, wrong answers and growth.
 */

import { parseArgs } from "node:util";
import { fuzz } from "../fuzz/fuzz.ts";
import { adoptOrphans } from "../support/processes.ts";
import { startHamlet } from "../support/server.ts";
import { fuzzSmtp } from "../support/smtp-fuzz.ts";
import { makeRandom } from "../support/store.ts";
import { killAgainAndAgain, toRows } from "./kills.ts";
import { runMixedLoad } from "./load.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "20" },
    fuzz: { type: "string", default: "0" },
    smtp: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});
const {
  kills,
  minutes,
  fuzz: requests,
  smtp: peers,
  seed,
} = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])) as Record<
  keyof typeof values,
  number
>;
if (![kills, minutes, requests, peers, seed].every((number) => number >= 0)) {
  console.error("--kills, --minutes, --fuzz, --smtp and --seed take numbers.");
  process.exit(2);
}

const progress = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
const rows: [string, string][] = [["seed", String(seed)]];
const problems: string[] = [];

adoptOrphans();
if (kills > 0) {
  const report = await killAgainAndAgain(kills, makeRandom(seed), progress);
  rows.push(...toRows(report));
  problems.push(...report.problems);
}
if (minutes > 0) {
  const report = await runMixedLoad(minutes, makeRandom(seed + 1), progress);
  rows.push(...report.rows);
  problems.push(...report.problems);
}

if (peers > 0) {
  const report = await fuzzSmtp({ cases: peers, random: makeRandom(seed) });
  rows.push(["peers of mail", JSON.stringify(report.counts)], ["open files", report.handles.join(" → ")]);
  rows.push(["memory, first quarter and end, MB", report.memory.join(" → ")]);
  problems.push(...report.problems);
}

if (requests > 0) {
  await using hamlet = await startHamlet({ args: ["--api-rate", "0", "--max-workers", "4"] });
  const report = await fuzz(hamlet, { requests, seed, progress });
  rows.push(["requests to the API", String(requests)], ["routes never reached", report.unreached.join(" ")]);
  rows.push(["memory, second and last quarter", report.growth.bytes.join(" → ")]);
  rows.push(["handles, second and last quarter", report.growth.handles.join(" → ")]);
  problems.push(...report.problems);
}

const width = Math.max(...rows.map(([title]) => title.length));
console.log(`\n${rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`).join("\n")}\n`);
for (const problem of problems.slice(0, 50)) console.log(`WRONG ${problem}`);
if (problems.length > 50) console.log(`… and ${problems.length - 50} more`);
console.log(problems.length === 0 ? "Nothing was lost, left or wrong." : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
