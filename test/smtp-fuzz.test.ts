/** Mail sent by peers that break every rule, at random: repeat a run with FUZZ_SEED, make it longer with FUZZ_CASES. */

import { expect, test } from "bun:test";
import { MailPeer, startMailIn } from "./support/mail-in.ts";
import { fuzzSmtp } from "./support/smtp-fuzz.ts";
import { makeRandom } from "./support/store.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = Number(process.env.FUZZ_CASES ?? 300);

test(`what is acknowledged is stored whole, nothing else is, and nothing is left behind (seed ${SEED})`, async () => {
  const random = makeRandom(SEED);
  const report = await fuzzSmtp({ cases: CASES, random });
  expect(report.problems).toEqual([]);
  expect(report.counts["250"]).toBeGreaterThan(CASES / 20);
  expect(report.counts["550"]).toBeGreaterThan(CASES / 20);
}, 600_000);

test("a thousand connections that stall are refused or ended, and mail comes in again", async () => {
  await using town = await startMailIn({
    limits: { connections: 50, connectionsPerNetwork: 50, idleMs: 500, lookMs: 50 },
  });
  const stalled: MailPeer[] = [];
  const says = ["", "EHLO far.exa", "EHLO far.example\r\nMAIL FROM:<bob@far.example>\r\n"];
  for (let i = 0; i < 1000; i++) stalled.push(await MailPeer.connect(town.port));
  for (const [i, peer] of stalled.entries()) peer.write(says[i % says.length]!);
  await Promise.all(stalled.map((peer) => peer.closed()));
  using peer = await town.peer();
  expect(await peer.send(["box-1@town.example"], "Subject: Hello\r\n\r\nHi")).toStartWith("250");
  expect(town.spooled()).toHaveLength(1);
});
