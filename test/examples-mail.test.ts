import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { exampleOf } from "./support/examples.ts";
import { compose } from "./support/mails.ts";
import { addUser, makeTempFolder, runHamlet, startHamlet, type TestHamlet } from "./support/server.ts";

const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

let hamlet: TestHamlet;
/** The id of `mailToChat`, which belongs to `me`. */
let id: string;
let authorization: string;
const val = () => exampleOf(hamlet, "mailToChat");
const asMe = (path: string, json?: unknown) => hamlet.api(path, { json, headers: { authorization } });

beforeAll(async () => {
  hamlet = await startHamlet({ examples: ["mailToChat"], args: ["--smtp-port", "0"] });
  authorization = `Bearer ${(await addUser(hamlet.data, "me")).token}`;
  ({ id } = (await (await asMe("/v2/alias/vals/me/mailToChat")).json()) as { id: string });
}, 120_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

/** Calls the handler of `email.ts` with what stands here as the email's fields. */
async function receive(name: string, fields: string): Promise<void> {
  const content = `import receive from "./email.ts";
    const none = { to: [], cc: undefined, bcc: undefined, subject: undefined, text: undefined, html: undefined, attachments: [], headers: {} };
    await receive({ ...none, from: "Ann <ann@sender.test>", ${fields} });`;
  const saved = await asMe(`/v2/vals/${id}/files?path=${name}.ts`, { type: "script", content });
  expect(saved.status).toBe(201);
  const run = await asMe(`/v3/vals/${id}/run`, { path: `${name}.ts` });
  expect(await run.json()).toMatchObject({ status: "ok" });
}

test("before anybody has written, its page says to which address one can", async () => {
  const page = await (await hamlet.fetch(val())).text();
  expect(page).toContain("Nobody has written yet.");
  const files = await asMe(`/v2/vals/${id}/files?path=email.ts&recursive=false&limit=1&offset=0`);
  const { data } = (await files.json()) as { data: { links: { email: string } }[] };
  expect(data[0]!.links.email).toMatch(/^me-[0-9a-f]{32}@/);
  expect(page).toContain(`mailto:${data[0]!.links.email}"`);
}, 30_000);

test("a mail that is handed over twice is one message, with its picture and its file", async () => {
  const picture = `new File([Uint8Array.of(1, 2, 3)], "p.png", { type: "image/png" })`;
  const fields = `subject: "Hello", text: "Look:\\nhere", attachments: [${picture}, new File(["a,b"], "O'Neil (1).csv", { type: "text/csv" })], headers: { "x-hamlet-mail-id": "1" }`;
  await receive("once", fields);
  await receive("again", fields);
  const page = await (await hamlet.fetch(val())).text();
  expect(page.match(/<article>/g)).toHaveLength(1);
  expect(page).toContain("<h2>Hello</h2>");
  expect(page).toContain("Ann &lt;ann@sender.test&gt;");
  const [, source] = /<img src="([^"]+)"/.exec(page)!;
  const shown = await hamlet.fetch(val(), source);
  expect(shown.headers.get("content-type")).toBe("image/png");
  expect([...(await shown.bytes())]).toEqual([1, 2, 3]);
  const file = await hamlet.fetch(val(), source!.replace(/0$/, "1"));
  expect(Object.fromEntries(file.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": "attachment; filename*=UTF-8''O%27Neil%20%281%29.csv",
    "x-content-type-options": "nosniff",
  });
  expect(await file.text()).toBe("a,b");
}, 60_000);

test("nothing in a mail becomes part of the page, and no file of it is run", async () => {
  const evil = `"><script>alert(1)</script>'&`;
  const svg = `new File(["<svg onload='alert(1)'/>"], ${JSON.stringify(evil)}, { type: "image/svg+xml" })`;
  await receive(
    "evil",
    `from: ${JSON.stringify(evil)}, subject: ${JSON.stringify(evil)}, html: "<script>alert(2)</script>", attachments: [${svg}]`,
  );
  const answer = await hamlet.fetch(val());
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  const page = await answer.text();
  expect(page).not.toContain("<script");
  const links = [...page.matchAll(/<a href="([^"]+)" download>/g)]
    .map(([, link]) => link as string)
    .slice(-2);
  for (const link of links) {
    const { headers } = await hamlet.fetch(val(), link);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toStartWith("attachment;");
    expect(headers.get("content-security-policy")).toContain("sandbox");
  }
  expect(links).toHaveLength(2);
  for (const wrong of ["/files/x/1", `/files/${"0".repeat(64)}/0`, links[0]!.replace(/0$/, "7")])
    expect((await hamlet.fetch(val(), wrong)).status).toBe(404);
}, 60_000);

/** Its page, once this stands in it. */
async function pageWith(part: string): Promise<string> {
  for (;;) {
    const page = await (await hamlet.fetch(val())).text();
    if (page.includes(part)) return page;
  }
}

test("a picture that is mailed to it by SMTP is shown as it was sent", async () => {
  const port = Number(/comes in at [^,]+, port (\d+)/.exec(hamlet.log)![1]);
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  const [, to = ""] = /mailto:([^"]+)"/.exec(await pageWith("mailto:"))!;
  const done = await transport.sendMail({
    from: "Cy <cy@sender.test>",
    to,
    subject: "Räksmörgås",
    text: "Look",
    attachments: [{ filename: "pixel.gif", content: PIXEL }],
  });
  transport.close();
  expect(done.response).toStartWith("250");
  const page = await pageWith("<h2>Räksmörgås</h2>");
  expect(page).toContain("Cy &lt;cy@sender.test&gt;");
  const [, source] = /<img src="([^"]+)" alt="pixel.gif"/.exec(page)!;
  const picture = await hamlet.fetch(val(), source);
  expect(picture.headers.get("content-type")).toBe("image/gif");
  expect(Buffer.from(await picture.bytes()).equals(PIXEL)).toBe(true);
}, 60_000);

test("a mail in a file is handed over by hamlet run --email, and shown", async () => {
  using folder = makeTempFolder();
  const file = join(folder.path, "a.eml");
  const mail = { from: "Bo <bo@sender.test>", to: "box@town.test", subject: "Grüße", text: "From a file" };
  await Bun.write(file, await compose({ ...mail, attachments: [{ filename: "größe.csv", content: "1,2" }] }));
  const run = await runHamlet(["run", "me/mailToChat/email.ts", "--email", file, "--data", hamlet.data]);
  expect([run.code, run.out]).toEqual([0, expect.stringContaining("Bo <bo@sender.test>: Grüße, 1 files")]);
  const page = await pageWith("<h2>Grüße</h2>");
  for (const part of ["Bo &lt;bo@sender.test&gt;", "From a file", ">größe.csv</a>"])
    expect(page).toContain(part);
}, 60_000);
