// @long
/** The process is killed around slots and mail deliveries: nothing that was promised is lost, and nothing is done twice. */

import { expect, test } from "bun:test";
import { killAroundTriggers } from "./soak/trigger-kills.ts";

const KILLS = 25;
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`${KILLS} kills lose no acknowledged mail and no slot, and run no slot twice (seed ${SEED})`, async () => {
  const { problems, counts } = await killAroundTriggers({
    ...{ kills: KILLS, towns: 2, vals: 2, slots: 1, seed: SEED },
  });
  expect(problems).toEqual([]);
  // How many come between two kills is chance; without any, nothing was tried.
  expect(counts["mails acknowledged"]).toBeGreaterThan(KILLS / 10);
  expect(counts["slots set"]).toBeGreaterThan(KILLS / 10);
}, 240_000);
