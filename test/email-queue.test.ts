/** Mails that are not sent at once: a relay that is down, slow, or not there at all. */

import { expect, test } from "bun:test";
import { makeMailer } from "./support/mailer.ts";
import { startRelay } from "./support/smtp.ts";
import { eventually } from "./support/telemetry.ts";

const HOUR = 3_600_000;

/** Where no other test listens: it may be given the port that is free again. */
const host = "127.0.0.53";

/** A URL where no relay listens, though one may begin to. */
async function nobody(): Promise<{ url: string; port: number }> {
  await using relay = await startRelay({ host });
  return { url: relay.url, port: relay.port };
}

test("a relay that is down gets the mail when it is up again, once", async () => {
  const { url, port } = await nobody();
  await using mailer = await makeMailer({ relay: url, retryMs: [200, 200, 200, 200, HOUR] });
  const message = await mailer.send({ subject: "patience" });
  expect(message).toStartWith("Email queued: the mail relay does not take it now (");
  expect(message).toContain("ECONNREFUSED");
  await eventually(async () => ((await mailer.last())!.attempts >= 2 ? true : undefined));
  await using relay = await startRelay({ port, host });
  expect((await relay.mail(1)).mail.subject).toBe("patience");
  const sent = await eventually(async () => {
    const last = (await mailer.last())!;
    return last.state === "sent" ? last : undefined;
  });
  expect(sent.attempts).toBeGreaterThan(2);
  expect(await mailer.store.mails.content(sent.id)).toBeUndefined();
  expect(relay.mails).toHaveLength(1);
  // However often it was tried.
  expect(mailer.warnings).toHaveLength(1);
  expect(mailer.notes).toEqual([]);
});

test("a mail that cannot be sent in the end has failed, and the val's log says so", async () => {
  const { url } = await nobody();
  await using mailer = await makeMailer({ relay: url, retryMs: [10, 10] });
  await mailer.send({ to: "someone@example.org" });
  const failed = await eventually(async () => {
    const last = (await mailer.last())!;
    return last.state === "failed" ? last : undefined;
  });
  expect(failed.attempts).toBe(3);
  expect(mailer.notes).toEqual([`Mail to someone@example.org failed: ${failed.error}`]);
});

test("what an earlier server left unsent is sent at the next start", async () => {
  const { url } = await nobody();
  await using mailer = await makeMailer({ relay: url, retryMs: [HOUR] });
  for (const subject of ["one", "two", "three"]) await mailer.send({ subject });
  await using relay = await startRelay();
  await mailer.start({ relay: relay.url });
  const subjects = [await relay.mail(1), await relay.mail(2), await relay.mail(3)].map(
    ({ mail }) => mail.subject,
  );
  expect(subjects.sort()).toEqual(["one", "three", "two"]);
});

test("who sends through a slow relay is not kept waiting, and the mail is sent once", async () => {
  await using relay = await startRelay();
  await using mailer = await makeMailer({ relay: relay.url, patienceMs: 100, retryMs: [50, HOUR] });
  const message = await mailer.send({ to: "slow@example.org" });
  expect(message).toStartWith("Email queued: the mail relay has not answered yet.");
  relay.release();
  await relay.mail(1);
  await eventually(async () => ((await mailer.last())!.state === "sent" ? true : undefined));
  expect(relay.mails).toHaveLength(1);
});

test("many mails at once all arrive, each once", async () => {
  await using relay = await startRelay();
  await using mailer = await makeMailer({ relay: relay.url });
  const subjects = Array.from({ length: 40 }, (_, i) => `mail ${i}`);
  const messages = await Promise.all(subjects.map((subject) => mailer.send({ subject })));
  expect(new Set(messages)).toEqual(new Set(["Email sent"]));
  expect(relay.mails.map(({ mail }) => mail.subject).sort()).toEqual(subjects.sort());
});

test("without a relay a mail is kept; the sender and the val's log are told, and no later relay sends it", async () => {
  await using mailer = await makeMailer();
  const message = await mailer.send({ to: "someone@example.org", text: "Hello" });
  const kept = (await mailer.last())!;
  expect(message).toBe(
    `Email kept, not sent: no mail relay is configured in this town. GET /v3/mails/${kept.id} shows it.`,
  );
  expect(mailer.notes).toEqual([
    "Mail to someone@example.org kept, not sent: no mail relay is configured in this town.",
  ]);
  expect(kept).toMatchObject({ state: "kept", attempts: 0, valId: mailer.valId });
  expect(await mailer.store.mails.content(kept.id)).toContain("Hello");
  await using relay = await startRelay();
  await mailer.start({ relay: relay.url });
  expect(await mailer.send({ subject: "new" })).toBe("Email sent");
  expect(relay.mails.map(({ mail }) => mail.subject)).toEqual(["new"]);
});

test("a mail to oneself without an address is kept, not sent to nobody", async () => {
  await using relay = await startRelay();
  await using mailer = await makeMailer({ relay: relay.url });
  const { id } = await mailer.store.users.create({ username: "noaddress" });
  expect(await mailer.send({}, id)).toStartWith("Email kept, not sent: this account has no e-mail address.");
  expect(await mailer.send({ to: "a@example.org" }, id)).toBe("Email sent");
});

test("where the operator wants it so, vals mail nobody but their owner", async () => {
  await using relay = await startRelay();
  await using mailer = await makeMailer({ relay: relay.url, onlySelf: true });
  expect(await mailer.send({})).toBe("Email sent");
  expect(await mailer.send({ to: "BEE@example.org" })).toBe("Email sent");
  for (const other of [{ to: "a@example.org" }, { cc: "a@example.org" }, { bcc: ["a@example.org"] }]) {
    expect(await mailer.refusal(other)).toStartWith(
      "403 In this town vals may mail nobody but their own owner",
    );
  }
});

test("beyond the rate a mail is refused, and nothing of it kept", async () => {
  await using mailer = await makeMailer({ ratePerMinute: 2 });
  await mailer.send({ subject: "first" });
  await mailer.send({ subject: "second" });
  expect(await mailer.refusal({ subject: "third" })).toMatch(
    /^429 A user may send 2 mails or megabytes a minute\. Try again in \d+ s\.$/,
  );
  const { rows } = await mailer.store.mails.listByUser(mailer.userId, { limit: 10, offset: 0 });
  expect(rows).toHaveLength(2);
});

test("a user whose mails pile up before a relay that is down can add no more", async () => {
  const { url } = await nobody();
  await using mailer = await makeMailer({ relay: url, retryMs: [HOUR] });
  const mail = { userId: mailer.userId, state: "queued", envelope: "{}", content: "{}" } as const;
  const nextAt = Date.now() + HOUR;
  const rows = Array.from({ length: 1000 }, () => ({ ...mail, id: Bun.randomUUIDv7(), nextAt }));
  await Promise.all(rows.map((row) => mailer.store.mails.add(row)));
  expect(await mailer.refusal({})).toStartWith("503 1000 mails of yours still wait");
});
