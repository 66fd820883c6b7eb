/** Mails that wait for a val go with it: out of the spool, too. */

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createRemoval } from "../src/remove.ts";
import { makeTown, type Town } from "./support/town.ts";

const DAY = 24 * 3600 * 1000;
const spooled = (town: Town) => readdirSync(join(town.folder, "mails"));

async function makeMail(town: Town, name: string, token = town.ann.token) {
  const valId = await town.val(name, { token });
  const options = { token, json: { type: "email", content: "" } };
  const file = await town.expect(201, "POST", `/v2/vals/${valId}/files?path=mail.ts`, options);
  const headers = { prefer: "respond-async" };
  const where = `/v2/vals/${valId}/files/email?path=mail.ts`;
  const { json } = await town.expect(202, "POST", where, { token, json: {}, headers });
  return {
    valId,
    fileId: file.json.id as string,
    mailId: json.mailId as string,
    jobId: json.jobId as string,
  };
}

test("a deleted val takes the mails along that wait for it, and no others", async () => {
  await using town = await makeTown();
  const [one, two] = [await makeMail(town, "one"), await makeMail(town, "two")];
  expect(spooled(town)).toHaveLength(2);
  await town.expect(204, "DELETE", `/v2/vals/${one.valId}`);
  expect(spooled(town)).toEqual([`${two.mailId}.eml`]);
});

test("a mail to two vals stays for the other one", async () => {
  await using town = await makeTown();
  const [one, two] = [await makeMail(town, "one"), await makeMail(town, "two")];
  const to = [one, two].map(({ valId, fileId }) => ({
    ...{ valId, fileId, userId: town.ann.id, address: "x@example.org" },
  }));
  const { id } = await town.mail.receive({ from: "eve@example.org", to }, oneLine());
  await town.expect(204, "DELETE", `/v2/vals/${one.valId}`);
  expect(spooled(town).sort()).toEqual([`${two.mailId}.eml`, `${id}.eml`].sort());
  await town.expect(204, "DELETE", `/v2/vals/${two.valId}`);
  expect(spooled(town)).toEqual([]);
});

async function* oneLine() {
  yield Buffer.from("Subject: to both\r\n\r\nhello\r\n");
}

test("a deleted account takes all of its mails along", async () => {
  await using town = await makeTown();
  const mine = await makeMail(town, "mine");
  await makeMail(town, "one", town.bob.token);
  await makeMail(town, "two", town.bob.token);
  expect(spooled(town)).toHaveLength(3);
  const bob = (await town.store.users.find(town.bob.id))!;
  const deploy = { removed: async () => {} };
  const { store, auth, mailDoor } = town;
  await createRemoval({ store, auth, deploy, mailDoor }).account(bob);
  expect(spooled(town)).toEqual([`${mine.mailId}.eml`]);
});

test("what a deleted branch leaves in the spool, and what was tried in vain for 14 days, is swept away", async () => {
  const clock = { at: Date.now() };
  await using town = await makeTown({ now: () => clock.at });
  const runs = town.mailDoor;
  const dead = await makeMail(town, "dead");
  const gone = await makeMail(town, "gone");
  const waiting = await makeMail(town, "waiting");
  const { jobs } = town.store;
  const claimed = await jobs.claim({ owner: "x", now: clock.at, leaseMs: 1, limit: 9, perVal: 9 });
  const job = claimed.find(({ id }) => id === dead.jobId)!;
  await jobs.finish(job, { outcome: "failed", error: "Threw.", at: clock.at, dead: true });
  await jobs.recover("y", clock.at, true);
  await jobs.remove(gone.jobId);
  await runs.sweep(clock.at);
  // It might still be coming.
  expect(spooled(town)).toHaveLength(3);
  clock.at += DAY;
  await runs.sweep(clock.at);
  expect(spooled(town).sort()).toEqual([`${dead.mailId}.eml`, `${waiting.mailId}.eml`].sort());
  clock.at += 14 * DAY;
  await runs.sweep(clock.at);
  expect(spooled(town)).toEqual([`${waiting.mailId}.eml`]);
});
