/**
 * What only time and bad luck bring about: `npm run soak -- [--kills 200] [--minutes 20] [--seed 1]`. Fails on lost
 * saves, orphans, wrong answers and growth.
 */

import { parseArgs } from "node:util";
import { adoptOrphans } from "../support/processes.ts";
import { makeRandom } from "../support/store.ts";
import { killAgainAndAgain, toRows } from "./kills.ts";
import { runMixedLoad } from "./load.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
const [kills, minutes, seed] = [values.kills, values.minutes, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![kills, minutes, seed].every((number) => number >= 0)) {
  console.error("--kills, --minutes and --seed take numbers.");
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

const width = Math.max(...rows.map(([title]) => title.length));
console.log(`\n${rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`).join("\n")}\n`);
for (const problem of problems.slice(0, 50)) console.log(`WRONG ${problem}`);
if (problems.length > 50) console.log(`… and ${problems.length - 50} more`);
console.log(problems.length === 0 ? "Nothing was lost, left or wrong." : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
