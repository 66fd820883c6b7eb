// @alone
/** Twenty thousand random requests to every route there is. Repeat a run with FUZZ_SEED. */

import { expect, test } from "bun:test";
import { fuzz } from "./fuzz/fuzz.ts";
import { startHamlet } from "./support/server.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);

test(`no request makes the API fail, answer in another form than it says, or grow (seed ${SEED})`, async () => {
  await using hamlet = await startHamlet({ args: ["--api-rate", "0", "--max-workers", "4"] });
  const { problems, statuses, unreached, growth } = await fuzz(hamlet, {
    requests: REQUESTS,
    seed: SEED,
    progress: (line) => console.log(line),
  });
  console.log(statuses, unreached, growth);
  if (problems.length > 0) throw new Error(`${problems.length} problems\n\n${problems.join("\n\n")}`);
  expect(unreached).toEqual([]);
}, 300_000);
