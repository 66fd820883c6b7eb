/** Vals of one town that mail each other, on a real server without a relay. */

import { expect, test } from "bun:test";
import { startHamlet, type TestVal } from "./support/server.ts";
import { eventually, logs } from "./support/telemetry.ts";

/** Answers each mail with one to another val of `tester`. */
const mailing = (to: string) => `import { email as send } from "https://esm.town/v/std/email";
  export default async (email: Email) => {
    await send({ to: "tester.${to}@localhost", subject: email.subject, text: "x" });
  };`;

test("two vals that mail each other, and one that mails itself, come to an end", async () => {
  await using hamlet = await startHamlet();
  const make = (name: string, to: string) => hamlet.val(name, { "in.email.ts": mailing(to) });
  const [ping, pong, self] = [
    await make("ping", "pong"),
    await make("pong", "ping"),
    await make("self", "self"),
  ];
  for (const { id } of [ping, self]) {
    const path = `/v2/vals/${id}/files/email?path=in.email.ts`;
    const answer = await hamlet.api(path, { json: { subject: "begin" } });
    expect(await answer.json()).toMatchObject({ status: "ok" });
  }
  const sentences = await eventually(async () => {
    const written = (await logs(hamlet, {})).rows.map(({ text }) => text);
    const found = written.filter((text) => text.startsWith("A mail from"));
    return found.length === 2 ? found.join("\n") : undefined;
  }, 50_000);
  expect(sentences).toContain("this val sent it itself");
  expect(sentences).toContain("it has come through more than 16 vals of this town");
  const receivedBy = async ({ id }: TestVal) => {
    const answer = await hamlet.api(`/v3/vals/${id}/mails?limit=100`);
    return ((await answer.json()) as { data: unknown[] }).data.length;
  };
  const received = [await receivedBy(ping), await receivedBy(pong), await receivedBy(self)];
  expect(received).toEqual([9, 8, 1]);
}, 60_000);
