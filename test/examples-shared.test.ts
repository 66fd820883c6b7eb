/** The examples whose visitors share something, those that only stream, and those that the clock starts. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { exampleOf, readEvents } from "./support/examples.ts";
import { type Origin, startOrigin } from "./support/origin.ts";
import { addUser, startHamlet, type TestHamlet } from "./support/server.ts";
import { eventually } from "./support/telemetry.ts";

const MB = 2 ** 20;
const EXAMPLES = [
  "asciiCameras",
  "blobUpload",
  "multiplayerCircles",
  "reactSSR",
  "rssDigest",
  "uptime",
  "webhookLater",
];

let hamlet: TestHamlet;
let origin: Origin;
let answerAtOrigin = (_path: string) => new Response();
beforeAll(async () => {
  origin = startOrigin((request) => answerAtOrigin(new URL(request.url).pathname));
  hamlet = await startHamlet({ args: ["--egress-allow", origin.address], examples: EXAMPLES });
}, 120_000);
afterAll(async () => {
  await hamlet?.[Symbol.asyncDispose]();
  await origin?.[Symbol.asyncDispose]();
});

describe("multiplayerCircles", () => {
  interface Circle {
    id: number;
    x: number;
    y: number;
    change: number;
  }
  const val = () => exampleOf(hamlet, "multiplayerCircles");
  const move = (body: unknown) =>
    hamlet.fetch(val(), "/move", { method: "POST", body: JSON.stringify(body) });

  test("tells every listener where all circles are, then each move, in order", async () => {
    const listeners = await Promise.all(
      [1, 2].map(async () => readEvents<Circle[]>(await hamlet.fetch(val(), "/events"))),
    );
    const first = await Promise.all(listeners.map(async (events) => (await events.next()).value as Circle[]));
    expect(first[0]!.length).toBe(8);
    expect(first[1]).toEqual(first[0]!);

    for (let x = 1; x <= 20; x++) expect((await move({ id: 3, x, y: 2 * x })).status).toBe(200);
    for (const events of listeners) {
      let last = { x: 0, change: 0 };
      for await (const circles of events) {
        for (const circle of circles.filter(({ id, change }) => id === 3 && change > 8)) {
          expect(circle.change).toBeGreaterThan(last.change);
          expect(circle.y).toBe(2 * circle.x);
          last = circle;
        }
        if (last.x === 20) break;
      }
    }
  }, 60_000);

  test("no two moves get the same number, however many come at once", async () => {
    const moves = Array.from({ length: 40 }, (_, index) => move({ id: index % 8, x: index, y: 500 }));
    expect((await Promise.all(moves)).map(({ status }) => status)).toEqual(Array(40).fill(200));
    const events = readEvents<Circle[]>(await hamlet.fetch(val(), "/events"));
    const circles = (await events.next()).value as Circle[];
    await events.return(undefined);
    expect(new Set(circles.map(({ change }) => change)).size).toBe(8);
    expect(circles.every(({ y }) => y === 500)).toBe(true);
  }, 60_000);

  test("keeps circles inside, and knows no others", async () => {
    expect((await move({ id: 0, x: -5, y: 1e9 })).status).toBe(200);
    expect((await move({ id: 99, x: 0, y: 0 })).status).toBe(400);
    expect((await move({ id: 0, x: "1; drop table circles", y: 0 })).status).toBe(400);
    const events = readEvents<Circle[]>(await hamlet.fetch(val(), "/events"));
    const circles = (await events.next()).value as Circle[];
    await events.return(undefined);
    expect(circles.find(({ id }) => id === 0)).toMatchObject({ x: 0, y: 1000 });
  }, 60_000);
});

describe("webhookLater", () => {
  const val = () => exampleOf(hamlet, "webhookLater");
  const page = async () => (await hamlet.fetch(val())).text();

  test("accepts at once, works on when the sender has gone, and shows how far it is", async () => {
    const sent = { method: "POST", body: "<b>hello</b>" };
    const answer = await hamlet.fetch(val(), "/?seconds=0.3", sent);
    expect([answer.status, await answer.json()]).toEqual([202, { id: 1, status: "accepted" }]);
    expect(await page()).toMatch(
      /refresh.*<td>&#60;b&#62;hello&#60;\/b&#62;<\/td><td>(accepted|\d+ %)<\/td>/s,
    );
    await eventually(async () => (await page()).includes("<td>done</td>") || undefined);
    expect(await page()).not.toContain("refresh");
    expect((await hamlet.fetch(val(), "/?seconds=1e9", sent)).status).toBe(400);
  }, 60_000);
});

describe("blobUpload", () => {
  const val = () => exampleOf(hamlet, "blobUpload");
  const files = async () =>
    (await (await hamlet.fetch(val(), "/files")).json()) as { name: string; size: number }[];

  test("gives back what was uploaded, byte by byte, and does not show it as a page", async () => {
    const hash = new Bun.CryptoHasher("sha256");
    const pieces = Array.from({ length: 64 }, () => crypto.getRandomValues(new Uint8Array(MB / 16)));
    let left = 64 * 16;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) return controller.close();
        const piece = pieces[left % 64]!;
        hash.update(piece);
        controller.enqueue(piece);
      },
    });
    const name = encodeURIComponent("größe & <b>.html");
    expect((await hamlet.fetch(val(), `/files/${name}`, { method: "PUT", body })).status).toBe(201);
    expect(await files()).toContainEqual(
      expect.objectContaining({ name: "größe & <b>.html", size: 64 * MB }),
    );

    const answer = await hamlet.fetch(val(), `/files/${name}`);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename*=UTF-8''${name}`);
    const back = new Bun.CryptoHasher("sha256");
    for await (const piece of answer.body!) back.update(piece);
    expect(back.digest("hex")).toBe(hash.digest("hex"));
  }, 120_000);

  test("keeps empty files, deletes, and says what is not there", async () => {
    expect((await hamlet.fetch(val(), "/files/empty", { method: "PUT" })).status).toBe(201);
    expect(await (await hamlet.fetch(val(), "/files/empty")).text()).toBe("");
    expect((await hamlet.fetch(val(), "/files/empty", { method: "DELETE" })).status).toBe(204);
    expect((await hamlet.fetch(val(), "/files/empty")).status).toBe(404);
    expect((await files()).map(({ name }) => name)).not.toContain("empty");
    expect((await hamlet.fetch(val(), "/files/%E0%A4%A")).status).toBe(404);
  }, 60_000);
});

describe("asciiCameras", () => {
  test("sends one frame after the other, each in the place of the last", async () => {
    const answer = await hamlet.fetch(exampleOf(hamlet, "asciiCameras"), "/planet?width=60");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    let text = "";
    const decoder = new TextDecoder();
    for await (const piece of answer.body!) {
      text += decoder.decode(piece, { stream: true });
      if (text.split("\x1b[H").length > 6) break;
    }
    const [clear, ...frames] = text.split("\x1b[H");
    expect(clear).toBe("\x1b[2J");
    const whole = frames.slice(0, 5).map((frame) => frame.split("\n"));
    for (const [title, ...lines] of whole) {
      expect(title).toMatch(/^planet · \d\d:\d\d:\d\d\.\d{3} +$/);
      expect(lines.slice(0, -1).map((line) => line.length)).toEqual(Array(17).fill(60));
    }
    expect(new Set(whole.map(([, ...lines]) => lines.join("\n"))).size).toBeGreaterThan(1);
  }, 60_000);

  test("takes turns at its address for terminals, shows a page to browsers, and knows no other camera", async () => {
    const val = exampleOf(hamlet, "asciiCameras");
    const stream = await hamlet.fetch(val, "/", { headers: { accept: "*/*" } });
    const reader = stream.body!.getReader();
    const begin = new TextDecoder().decode((await reader.read()).value).split("\x1b");
    expect(begin.slice(0, 2)).toEqual(["", "[2J"]);
    expect(begin[2]).toMatch(/^\[H(harbour|city|planet|aquarium) · /);
    await reader.cancel();
    const page = await hamlet.fetch(val, "/", { headers: { accept: "text/html" } });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect((await hamlet.fetch(val, "/constructor")).status).toBe(404);
  }, 60_000);
});

describe("reactSSR", () => {
  test("sends the page at once and its slow parts as they come", async () => {
    const answer = await hamlet.fetch(exampleOf(hamlet, "reactSSR"));
    let text = "";
    const order: string[] = [];
    const decoder = new TextDecoder();
    for await (const piece of answer.body!) {
      text += decoder.decode(piece, { stream: true });
      for (const part of ["on its way", "Light wind", "One sheep", "Val wins prize"]) {
        if (text.includes(part) && !order.includes(part)) order.push(part);
      }
      if (order.length === 1) expect(text).toContain("<h1>The town today</h1>");
    }
    expect(order).toEqual(["on its way", "Light wind", "One sheep", "Val wins prize"]);
    expect(text).toEndWith("</html>");
  }, 60_000);
});

describe("what the clock starts", () => {
  /** An example's val, as its owner may use it. */
  async function ownExample(name: string) {
    const { token } = await addUser(hamlet.data, "me");
    const call = async (path: string, json?: unknown) => {
      const headers = { authorization: `Bearer ${token}` };
      // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
      return (await hamlet.api(path, { headers, ...(json !== undefined && { json }) })).json() as any;
    };
    const { id } = await call(`/v2/alias/vals/me/${name}`);
    const file = (await call(`/v2/vals/${id}/files?path=cron.ts`)).data[0];
    return {
      trigger: () => call(`/v3/files/${file.id}/trigger`),
      set: (key: string, value: string) => call(`/v2/vals/${id}/environment_variables`, { key, value }),
      /** Runs it now; what it wrote. */
      async run(): Promise<string[]> {
        const { status, logs } = await call(`/v3/vals/${id}/run`, { path: "cron.ts" });
        expect(status).toBe("ok");
        return logs.map(({ text }: { text: string }) => text);
      },
      subjects: async () => (await call("/v3/mails")).data.map(({ subject }: { subject: string }) => subject),
      page: async () => (await hamlet.fetch(exampleOf(hamlet, name))).text(),
    };
  }

  test("waits until its owner starts it", async () => {
    for (const [name, schedule] of [
      ["rssDigest", "0 7 * * *"],
      ["uptime", "every 5 minutes"],
    ] as const) {
      const { trigger } = await ownExample(name);
      expect(await trigger()).toMatchObject({ schedule, paused: true, nextRuns: [] });
    }
  });

  test("uptime looks at its own page first, then at the sites that it is told, and shows the week", async () => {
    const { run, set, page } = await ownExample("uptime");
    expect(await page()).toContain("Nobody has looked yet");
    expect(await run()).toEqual([expect.stringMatching(/^up http:\/\/\S+ 200 \d+ ms$/)]);
    answerAtOrigin = (path) => new Response(null, { status: path === "/ok" ? 204 : 500 });
    await set("SITES", `${origin.url}/ok ${origin.url}/broken`);
    expect((await run()).map((line) => line.replace(/\d+ ms$/, ""))).toEqual([
      `up ${origin.url}/ok 204 `,
      `down ${origin.url}/broken 500 `,
    ]);
    const html = await page();
    expect(html).toContain(`<h2 class="up">${origin.url}/ok</h2>`);
    expect(html).toContain(`<h2 class="down">${origin.url}/broken</h2>\n<p>down, 0.0 % of this week</p>`);
  }, 60_000);

  test("rssDigest mails what is new in RSS and Atom, once, and goes on when a feed is broken", async () => {
    const { run, set, page, subjects } = await ownExample("rssDigest");
    let [more, atom] = ["", true];
    answerAtOrigin = (path) => {
      if (path === "/rss")
        return new Response(`<rss><channel><title>A feed</title><item><title><![CDATA[One & <b>only</b>]]></title>
<link>https://example.org/1</link><guid isPermaLink="false">1</guid></item>${more}</channel></rss>`);
      if (!atom) return new Response("gone", { status: 410 });
      return new Response(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:2</id><title>Two &amp; &#x6f22;</title>
<link rel="edit" href="https://example.org/edit"/><link href="https://example.org/2?a=1&amp;b=2"/></entry></feed>`);
    };
    await set("FEEDS", `${origin.url}/rss ${origin.url}/atom`);
    expect(await run()).toEqual(["2 new, 0 of 2 feeds failed"]);
    const html = await page();
    expect(html).toContain('<a href="https://example.org/1" rel="noopener">One &#38; &#60;b&#62;only');
    expect(html).toContain('<a href="https://example.org/2?a=1&#38;b=2" rel="noopener">Two &#38; 漢</a>');
    expect(await run()).toEqual(["0 new, 0 of 2 feeds failed"]);
    expect(await page()).toContain("漢");
    [more, atom] = ["<item><title>Three</title><link>javascript:alert(1)</link></item>", false];
    expect(await run()).toEqual([`${origin.url}/atom: answered 410`, "1 new, 1 of 2 feeds failed"]);
    expect(await page()).not.toContain("javascript:");
    expect(await subjects()).toEqual(["1 new in your feeds", "2 new in your feeds"]);
  }, 60_000);
});
