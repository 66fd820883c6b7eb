// @alone
/** Twenty thousand random requests to every route there is. Repeat a run with FUZZ_SEED. */

import { expect, test } from "bun:test";
import { fuzz } from "./fuzz/fuzz.ts";
import { startHamlet } from "./support/server.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);
/** What the heap is larger by is mostly not collected yet. */
const MOST_GROWTH = 1.35;

test(`no request makes the API fail, answer otherwise than it says, or grow (seed ${SEED})`, async () => {
  // Workers are handles and memory, too: with few of them there are soon as many as there may be.
  await using hamlet = await startHamlet({ args: ["--api-rate", "0", "--max-workers", "4"] });
  const progress = process.env.FUZZ_SEED === undefined ? undefined : console.log;
  const { problems, statuses, routes, unreached, growth } = await fuzz(hamlet, {
    requests: REQUESTS,
    seed: SEED,
    progress,
  });
  progress?.(JSON.stringify({ statuses: [...statuses], unreached, growth }));
  if (problems.length > 0) {
    const errors = hamlet.log.split("\n").filter((line) => line.includes('"level":"error"'));
    const said = [...new Set(errors.map((line) => line.replace(/"time":"[^"]*"/, "").slice(0, 600)))].slice(
      0,
      10,
    );
    throw new Error(
      `${problems.length} problems\n\n${problems.join("\n\n")}\n\nThe server wrote:\n${said.join("\n")}`,
    );
  }
  // A fuzzer that only ever meets a 404 finds nothing.
  expect([unreached, unreached.length < routes / 3]).toEqual([unreached, true]);
  expect([200, 201, 204, 400, 401, 403, 404].filter((status) => !statuses.has(status))).toEqual([]);
  const { bytes, handles } = growth;
  expect([bytes, bytes[1] < bytes[0] * MOST_GROWTH]).toEqual([bytes, true]);
  expect([handles, handles[1] < handles[0] + 30]).toEqual([handles, true]);
}, 400_000);
