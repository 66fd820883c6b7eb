/** Vals that send mails and ask models, as they do it on Val Town: through the standard library, from inside a worker. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";
import { startRelay, type TestRelay } from "./support/smtp.ts";
import { startUpstream, type TestUpstream } from "./support/upstream.ts";
import { logLine } from "./support/val-logs.ts";

const MAILER = `import { email } from "https://esm.town/v/std/email";
export default async (req: Request) => {
  try {
    return Response.json(await email(await req.json()));
  } catch (error) {
    return Response.json({ failed: error.message });
  }
};`;

const POET = `import { OpenAI } from "https://esm.town/v/std/openai";
export default async (req: Request) => {
  const openai = new OpenAI();
  const stream = await openai.chat.completions.create({
    model: new URL(req.url).searchParams.get("model")!,
    messages: [{ role: "user", content: "a poem" }],
    stream: true,
  });
  const body = new ReadableStream({
    async pull(controller) {
      const { value, done } = await rest.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value.choices[0]?.delta?.content ?? ""));
    },
    cancel: () => stream.controller.abort(),
  });
  const rest = stream[Symbol.asyncIterator]();
  return new Response(body, { headers: { "content-type": "text/plain" } });
};`;

let relay: TestRelay;
let upstream: TestUpstream;
let hamlet: TestHamlet;

beforeAll(async () => {
  relay = await startRelay();
  upstream = startUpstream();
  hamlet = await startHamlet({
    args: ["--openai-url", upstream.url, "--mail-domain", "town.example"],
    env: { HAMLET_SMTP_URL: relay.url, HAMLET_OPENAI_KEY: "sk-operators-own-key" },
  });
}, 60_000);
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await relay?.[Symbol.asyncDispose]();
});

test("a val sends a mail in its own name, and hears what the relay refuses", async () => {
  const val = await hamlet.val("mailer", MAILER);
  const send = async (mail: object) =>
    (await hamlet.fetch(val, "/", { method: "POST", body: JSON.stringify(mail) })).json();
  const mail = {
    from: { email: "tester.mailer@town.example", name: "The val" },
    to: "someone@example.org",
    replyTo: "answers@example.org",
    subject: "Hällo",
    text: "from a val",
  };
  expect(await send(mail)).toEqual({ message: "Email sent" });
  const received = await relay.mail(1);
  expect([received.from, received.mail.subject, received.mail.replyTo.text]).toEqual([
    "tester.mailer@town.example",
    "Hällo",
    "answers@example.org",
  ]);
  expect(await send({ to: "refused@example.org" })).toEqual({
    failed: expect.stringContaining("550 No such user here"),
  });
  const listed = (await (await hamlet.api("/v3/mails")).json()) as {
    data: { valId: string; state: string }[];
  };
  expect(listed.data.map(({ valId, state }) => [valId, state])).toEqual([
    [val.id, "failed"],
    [val.id, "sent"],
  ]);
});

test("a mail that is kept is told of in the val's log, and by hamlet logs", async () => {
  const val = await hamlet.val("forgetful", MAILER);
  const answer = await hamlet.fetch(val, "/", { method: "POST", body: '{"subject":"to me"}' });
  expect(await answer.text()).toContain("Email kept, not sent: this account has no e-mail address.");
  const words = "Mail to you kept, not sent: this account has no e-mail address.";
  expect((await logLine(hamlet, val, /^Mail to you/)).text).toBe(words);
  const { out } = await runHamlet(["logs", "tester/forgetful", "--data", hamlet.data]);
  expect(out).toContain(words);
});

test("a model's words reach a val's visitor one by one, and his leaving ends the call at the model server", async () => {
  const val = await hamlet.val("poet", POET);
  await using connection = await hamlet.connect();
  upstream.next();
  await connection.write(`GET /?model=stepwise HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  expect((await connection.readHead()).status).toBe(200);
  let text = "";
  for (let word = 1; word <= 3; word++) {
    while (!text.includes(`word${word} `)) text += Buffer.from((await connection.readChunk())!).toString();
    expect(text).not.toContain(`word${word + 1}`);
    if (word < 3) upstream.next();
  }
  const { left, headers } = upstream.last;
  expect(headers.get("authorization")).toBe("Bearer sk-operators-own-key");
  connection.destroy();
  await left;
});
