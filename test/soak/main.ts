/**
 * What only time and bad luck bring about: `npm run soak -- [--kills 200] [--minutes 20] [--fuzz 0] [--smtp 0]
 * [--trigger-kills 0] [--seed 1]`. Fails on lost saves, slots and mails, orphans, wrong answers and growth.
 */

import { parseArgs } from "node:util";
import { fuzz } from "../fuzz/fuzz.ts";
import { adoptOrphans } from "../support/processes.ts";
import { startHamlet } from "../support/server.ts";
import { fuzzSmtp } from "../support/smtp-fuzz.ts";
import { makeRandom } from "../support/store.ts";
import { killAgainAndAgain, toRows } from "./kills.ts";
import { runMixedLoad } from "./load.ts";
import { killAroundTriggers, toTable } from "./trigger-kills.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "20" },
    fuzz: { type: "string", default: "0" },
    smtp: { type: "string", default: "0" },
    "trigger-kills": { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});
const {
  kills,
  minutes,
  fuzz: requests,
  smtp: peers,
  "trigger-kills": triggerKills,
  seed,
} = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])) as Record<
  keyof typeof values,
  number
>;
if (![kills, minutes, requests, peers, triggerKills, seed].every((number) => number >= 0)) {
  console.error("--kills, --minutes, --fuzz, --smtp, --trigger-kills and --seed take numbers.");
  process.exit(2);
}

const progress = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
const rows: [string, string][] = [["seed", String(seed)]];
const problems: string[] = [];

/** The first Ctrl-C ends the kills around slots and mails early, the second one all. */
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

adoptOrphans();
if (kills > 0) {
  const report = await killAgainAndAgain(kills, makeRandom(seed), progress);
  rows.push(...toRows(report));
  problems.push(...report.problems);
}
if (triggerKills > 0) {
  const report = await killAroundTriggers({
    ...{ kills: triggerKills, towns: 3, vals: 3, slots: 2, seed, progress, stop: interrupted.signal },
  });
  rows.push(...toTable(report));
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
