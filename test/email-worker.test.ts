import { expect, test } from "bun:test";
import { connect } from "node:net";
import { GUEST } from "../src/confinement.ts";
import { startSandbox } from "./support/guest.ts";
import { startMailVal } from "./support/mail-val.ts";
import { BASE64_LINES, byHand, compose, STRANGE } from "./support/mails.ts";
import { makeStarts } from "./support/starts.ts";
import { startWalls } from "./support/walls.ts";

const MAIL = byHand("From: Ann <ann@sender.test>\nTo: box@town.test\nSubject: Hello", "hi\n").toString();
const LIBRARY = GUEST.libraries["postal-mime"];

/** Each way by which a val could get at what only the guest may import. */
const ATTEMPTS = `export default async () => {
  const attempt = (name) => import(name).then(() => console.log("imported " + name), () => {});
  const path = PATH;
  for (const name of ["postal-mime", "hamlet-mail", "npm:postal-mime", path, MAIL, GUEST + "mail/mail.ts", path.replace("/postal-mime.js", "/mime-node.js"), GUEST + "email.ts", GUEST + "intrinsics.ts"]) await attempt(name);
  await Deno.writeTextFile(new URL(path), "throw 1").then(() => console.log("written"), () => {});
  await Deno.writeTextFile(new URL("./new.js", path), "throw 1").then(() => console.log("made"), () => {});
};`;

const LEVELS = [
  [
    "deno",
    {
      mode: "deno" as const,
      library: LIBRARY,
      mail: GUEST.libraries["hamlet-mail"],
      guest: GUEST.guestFolders[0] as string,
    },
  ],
  [
    "strict",
    {
      mode: "strict" as const,
      library: "/hamlet/libraries/postal-mime/postal-mime.js",
      mail: "/hamlet/libraries/hamlet-mail/mail.ts",
      guest: "/hamlet/guest",
    },
  ],
] as const;

test.each(LEVELS)(
  "at level %s a mail is taken apart, by what no val can import or change",
  async (_, { mode, ...seen }) => {
    await using walls = await startWalls({ mode });
    const told = await startMailVal(walls);
    const mail = await compose({
      from: "a@b.test",
      to: "c@d.test",
      attachments: [{ filename: "a.txt", content: "a" }],
    });
    const { email } = await told.deliver(new Uint8Array(mail));
    expect(email).toMatchObject({
      from: "a@b.test",
      to: ["c@d.test"],
      attachments: [{ name: "a.txt", size: 1 }],
    });
    const url = (path: string) => Bun.pathToFileURL(path).href;
    const places = { PATH: url(seen.library), MAIL: url(seen.mail), GUEST: `${url(seen.guest)}/` };
    const code = Object.entries(places).reduce(
      (text, [name, place]) => text.replaceAll(name, JSON.stringify(place)),
      ATTEMPTS,
    );
    const thief = await startMailVal(walls, code);
    expect(await thief.deliver(MAIL)).toMatchObject({ outcome: { ok: true }, logs: [] });
  },
);

test("what a val does to built-ins misleads nobody but itself: each of its mails has an outcome", async () => {
  await using town = await startSandbox();
  const hostile = await startMailVal(
    town,
    `const never = () => { throw new Error("broken"); };
    for (const of of [Promise, Array, Map, Set, String, RegExp, Uint8Array, TextDecoder, Blob, Headers, ReadableStream, Request])
      for (const name of Object.getOwnPropertyNames(of.prototype))
        if (name !== "constructor") try { Object.defineProperty(of.prototype, name, { value: never }); } catch {}
    Object.defineProperty(Promise.prototype, "constructor", { get: never });
    globalThis.File = globalThis.Response = globalThis.Uint8Array = never;
    Object.prototype.toJSON = never;
    export default () => {};`,
  );
  // It reads the mail before anything of the val runs, and needs nothing of the val's to report.
  expect(await hostile.deliver(MAIL)).toMatchObject({ status: 202 });
});

test("what a handler throws is the outcome, and in the log", async () => {
  await using town = await startSandbox();
  const failing = await startMailVal(
    town,
    `export default async (email) => { await 1; throw new TypeError("No " + email.subject); };`,
  );
  const { outcome, logs } = await failing.deliver(MAIL);
  expect(outcome).toMatchObject({ ok: false, error: { name: "TypeError", message: "No Hello" } });
  expect(logs).toEqual([expect.stringContaining("Uncaught TypeError: No Hello")]);
});

test("a mail of which a part only arrives is a reported failure, and no handler is called", async () => {
  await using town = await startSandbox();
  const val = await startMailVal(town, `export default () => console.log("called");`);
  const socket = connect({ path: val.guest.confined.socketPath });
  socket.on("error", () => {});
  socket.end("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nFrom: ");
  const { outcome } = await val.guest.report("ended");
  expect(outcome.ok).toBe(false);
  expect(val.guest.logs.map(({ text }) => text)).not.toContain("called");
});

test("a worker that answers visitors reads nothing of what mails need: it starts without", async () => {
  const nowhere = { "postal-mime": "/not/there.js", "hamlet-mail": "/nor/there.ts" };
  await using walls = await startWalls({ mode: "deno", libraries: nowhere });
  const visited = await walls.startVal(`export default () => new Response("hello");`);
  expect((await visited.get()).bodyText).toBe("hello");
  const { outcome } = await (await startMailVal(walls)).deliver(MAIL);
  expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining("not found") } });
});

test("the largest mail, and all of its file, have room in a worker of the usual size", async () => {
  await using town = await makeStarts({ timeMs: 30_000 });
  const code =
    "export default async ({ attachments: [file] }: Email) => console.log((await file!.bytes()).length);";
  const id = await town.save("mail.ts", code, "email");
  const mail = STRANGE["30 MB of base64"]();
  const started = await town.start(id, {
    kind: "email",
    contentType: "message/rfc822",
    body: () => new Uint8Array(mail),
  });
  if (started.kind !== "ran") throw new Error(JSON.stringify(started));
  expect(started.finished).toMatchObject({ outcome: { ok: true }, error: undefined });
  expect(town.texts(started.finished.trace)).toEqual([`${57 * BASE64_LINES}`]);
}, 60_000);
