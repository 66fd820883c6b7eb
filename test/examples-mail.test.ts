import { afterAll, beforeAll, expect, test } from "bun:test";
import { exampleOf } from "./support/examples.ts";
import { compose } from "./support/mails.ts";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
/** The id of `mailToChat`, which belongs to `me`. */
let id: string;
let authorization: string;
const val = () => exampleOf(hamlet, "mailToChat");
const asMe = (path: string, json?: unknown) => hamlet.api(path, { json, headers: { authorization } });

beforeAll(async () => {
  hamlet = await startHamlet({ examples: true });
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

test("a mail that comes by the town's own way is shown, with what is attached", async () => {
  const mail = await compose({
    from: "Bo <bo@sender.test>",
    to: "box@town.test",
    subject: "Grüße",
    text: "From the outside",
    attachments: [{ filename: "größe.csv", content: "1,2" }],
  });
  const handed = await hamlet.api(`/v2/vals/${id}/files/email?path=email.ts`, {
    method: "POST",
    headers: { authorization, "content-type": "message/rfc822" },
    body: new Uint8Array(mail),
  });
  expect([handed.status, await handed.json()]).toMatchObject([200, { status: "ok" }]);
  const page = await (await hamlet.fetch(val())).text();
  for (const part of ["Bo &lt;bo@sender.test&gt;", "<h2>Grüße</h2>", "From the outside", ">größe.csv</a>"])
    expect(page).toContain(part);
}, 60_000);
