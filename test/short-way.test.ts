/** A val that calls its own town: the API, other vals, itself. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const ECHO = `
const redirect = (to: string, status: number) => new Response("moved", { status, headers: { location: to } });
export default async function (request: Request) {
  const url = new URL(request.url);
  const to = url.searchParams.get("to");
  if (to) return redirect(to, Number(url.searchParams.get("status") ?? 302));
  if (url.pathname === "/around") return redirect("/around?n=" + (Number(url.searchParams.get("n") ?? 0) + 1), 302);
  if (url.pathname === "/echo") return new Response(request.body, { headers: { "content-type": "x/y" } });
  if (url.pathname === "/socket") {
    const seen = request.url + " " + request.headers.get("x-own");
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "a" });
    socket.onmessage = ({ data }) => socket.send(seen + " " + data);
    return response;
  }
  if (url.pathname === "/never") {
    const stream = new ReadableStream({ cancel: () => console.log("the reader left") });
    return new Response(stream);
  }
  const { method } = request;
  return Response.json({ method, url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() });
}`;
/** Runs what is posted to it; `echo` is the other val's address, `api` that of the API. */
const CALLER = `
const run = (code: string, names: object) =>
  new Function("names", "with (names) return (async () => {" + code + "})()")(names);
export default async function (request: Request) {
  const { code, names } = await request.json();
  try {
    return Response.json((await run(code, names)) ?? null);
  } catch (error) {
    return Response.json({ thrown: error.name + ": " + error.message });
  }
}`;
const LOOP = `export default async (request: Request) => {
  const answer = await fetch(request.url);
  return new Response(answer.body, { status: answer.status });
}`;

/** Somewhere else: leads to where it is told to. */
const outside = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const to = new URL(request.url).searchParams.get("to");
    if (to) return Response.redirect(to, 302);
    return Response.json({ outside: true, headers: Object.fromEntries(request.headers) });
  },
});
let levels: { name: string; town: Town }[] = [];
const at = (name: string) => levels.find((level) => level.name === name)!.town;

class Town {
  readonly hamlet: TestHamlet;
  readonly echo: TestVal;
  readonly #caller: TestVal;

  constructor(hamlet: TestHamlet, echo: TestVal, caller: TestVal) {
    this.hamlet = hamlet;
    this.echo = echo;
    this.#caller = caller;
  }

  static async start(sandbox: string, allow: readonly string[] = []): Promise<Town> {
    const hamlet = await startHamlet({ args: ["--sandbox", sandbox, "--max-body", "1MB", ...allow] });
    const echo = await hamlet.val("echo", ECHO);
    return new Town(hamlet, echo, await hamlet.val("caller", CALLER));
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever the val says
  async run(code: string, more: Record<string, string> = {}): Promise<any> {
    const { port, token } = this.hamlet;
    const api = `http://api.localhost:${port}`;
    const names = {
      echo: this.echo.endpoint,
      api,
      port,
      outside: `http://127.0.0.1:${outside.port}/`,
      bearer: `Bearer ${token}`,
      ...more,
    };
    const body = JSON.stringify({ code, names });
    return (await this.hamlet.fetch(this.#caller, "/", { method: "POST", body })).json();
  }
}

beforeAll(async () => {
  // Deno opens a whole address for the sake of one port: who is to see the rest shut is not let out.
  const allow = ["--egress-allow", `127.0.0.1:${outside.port}`];
  levels = await Promise.all([
    Town.start("auto").then((town) => ({ name: "auto", town })),
    Town.start("deno").then((town) => ({ name: "deno", town })),
    Town.start("auto", allow).then((town) => ({ name: "let out", town })),
  ]);
});
afterAll(() => outside.stop(true));
afterAll(() => Promise.all(levels.map(({ town }) => town.hamlet[Symbol.asyncDispose]())));

for (const level of ["auto", "deno"]) {
  describe(`a val calls its town at level ${level}`, () => {
    const run = (code: string, more?: Record<string, string>) => at(level).run(code, more);

    test("the API, by every name it has", async () => {
      const said = await run(`
        const names = [api + "/v1/me", "http://localhost:" + port + "/api/v1/me", "https://api.val.town/v1/me"];
        return Promise.all(names.map(async (name) => {
          const answer = await fetch(name, { headers: { authorization: bearer } });
          return [answer.url === name, answer.redirected, (await answer.json()).username];
        }))`);
      expect(said).toEqual(Array(3).fill([true, false, "tester"]));
    });

    test("another val, which sees the address that was asked and no visitor", async () => {
      const said = await run(`
        const answer = await fetch(echo + "/a%20b?c=%2F#d", { headers: { "x-forwarded-for": "203.0.113.9", "x-own": "1" } });
        return { url: answer.url, ...(await answer.json()) }`);
      const { headers, url, method, body } = said;
      expect([url, method, body]).toEqual([`${at(level).echo.endpoint}/a%20b?c=%2F`, "GET", ""]);
      expect([headers.host, headers["x-own"]]).toEqual([at(level).echo.host, "1"]);
      expect(headers).not.toHaveProperty("x-forwarded-for");
    });

    test("over https, which the other one sees", async () => {
      const said = await run(`return (await fetch(echo.replace("http:", "https:") + "/s")).json()`);
      expect(said.url).toBe(`${at(level).echo.endpoint.replace("http:", "https:")}/s`);
      expect(said.headers["x-forwarded-proto"]).toBe("https");
    });

    const inputs: readonly [
      title: string,
      expression: string,
      type: string | RegExp,
      body: string | RegExp,
    ][] = [
      ["a URL object and text", 'fetch(new URL(echo), { method: "POST", body: "hi" })', /^text\/plain/, "hi"],
      [
        "a Request with a body of its own",
        'fetch(new Request(echo, { method: "PUT", body: "own", headers: { "content-type": "a/b" } }))',
        "a/b",
        "own",
      ],
      [
        "a Request whose body is replaced",
        'fetch(new Request(echo, { method: "PUT", body: "own" }), { body: new URLSearchParams({ a: "b" }) })',
        /.*/,
        "a=b",
      ],
      [
        "a form",
        'fetch(echo, { method: "POST", body: (() => { const form = new FormData(); form.set("k", "v"); return form })() })',
        /^multipart\/form-data; boundary=/,
        /name="k"\r\n\r\nv\r\n/,
      ],
    ];
    for (const [title, expression, type, body] of inputs) {
      test(`with ${title}`, async () => {
        const said = await run(`return (await ${expression}).json()`);
        expect(said.body).toMatch(body);
        expect(said.headers["content-type"]).toMatch(type);
        expect(Number(said.headers["content-length"])).toBe(said.body.length);
      });
    }

    test("streams reach it and come back while they last", async () => {
      const said = await run(`
        let push;
        const body = new ReadableStream({ start(controller) { push = controller } });
        const text = new TextEncoder();
        push.enqueue(text.encode("one"));
        const answer = await fetch(new Request(echo + "/echo", { method: "POST", body, duplex: "half" }));
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        const turns = [(await reader.read()).value];
        for (const word of ["two", "three"]) { push.enqueue(text.encode(word)); turns.push((await reader.read()).value); }
        push.close();
        return [...turns, (await reader.read()).done, answer.headers.get("content-type")]`);
      expect(said).toEqual(["one", "two", "three", true, "x/y"]);
    });

    test("more than a visitor may send", async () => {
      const said = await run(
        `return (await (await fetch(echo + "/echo", { method: "POST", body: new Uint8Array(3e6) })).arrayBuffer()).byteLength`,
      );
      expect(said).toBe(3e6);
    });

    test("an abort ends the call with its reason", async () => {
      const said = await run(`
        const given = new AbortController();
        const answer = await fetch(new Request(echo + "/never", { signal: given.signal }));
        const reading = answer.text().catch((error) => "reading " + error.message);
        given.abort(new Error("enough"));
        const later = await fetch(echo, { signal: given.signal }).catch((error) => "calling " + error.message);
        return [await reading, later]`);
      expect(said).toEqual(["reading enough", "calling enough"]);
    });

    test("a WebSocket", async () => {
      const said = await run(`
        const address = echo.replace("http:", "wss:") + "/socket";
        const socket = new WebSocket(address, { protocols: ["a"], headers: { "x-own": "2" } });
        const answer = await new Promise((resolve, reject) => {
          socket.onopen = () => socket.send("hi");
          socket.onerror = (event) => reject(new Error(event.message));
          socket.onmessage = ({ data }) => resolve(data);
        });
        socket.close();
        return [answer, socket.url === address, socket.protocol, socket instanceof WebSocket, WebSocket.OPEN]`);
      const asked = `${at(level).echo.endpoint.replace("http:", "https:")}/socket`;
      expect(said).toEqual([`${asked} 2 hi`, true, "a", true, 1]);
    });

    test("a val that calls itself comes to an end, for itself alone", async () => {
      const { hamlet } = at(level);
      const loop = await hamlet.val("loop", LOOP);
      const answer = await hamlet.fetch(loop);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        508,
        "loop_detected",
      ]);
    });

    test("everything else of this machine stays shut", async () => {
      const said = await run(`
        const other = "http://localhost:" + (Number(port) + 1) + "/";
        const refused = (error) => String(error.cause?.message ?? error.message);
        return Promise.all([fetch(other).catch(refused), fetch("http://127.0.0.1:" + port).catch(refused)])`);
      expect(said).toEqual([expect.stringContaining("net access"), expect.stringContaining("net access")]);
    });
  });
}

describe("redirects", () => {
  const run = (code: string, more?: Record<string, string>) => at("let out").run(code, more);
  const cases: readonly [title: string, code: string, said: unknown][] = [
    [
      "a POST becomes a GET without its body",
      `const answer = await fetch(echo + "/?to=/next", { method: "POST", body: "b", headers: { "x-own": "1" } });
       const { method, body, headers } = await answer.json();
       return [answer.redirected, answer.url === echo + "/next", method, body, headers["content-type"] ?? null, headers["x-own"]]`,
      [true, true, "GET", "", null, "1"],
    ],
    [
      "307 sends the body again",
      `const answer = await fetch(echo + "/?status=307&to=/next", { method: "POST", body: "b" });
       const copy = answer.clone(); const { method, body } = await answer.json(); return [method, body, copy.url === echo + "/next"]`,
      ["POST", "b", true],
    ],
    [
      "307 cannot send a stream again",
      `const body = new Blob(["b"]).stream(); return (await fetch(echo + "/?status=307&to=/next", { method: "POST", body })).status`,
      { thrown: "TypeError: Fetch failed: Can not redeliver a streaming request body after a redirect" },
    ],
    [
      "another origin does not get the credentials",
      `const headers = { authorization: "a", cookie: "b", "x-own": "1" };
       const got = await fetch(echo + "/?to=" + encodeURIComponent(echo.replace("http:", "https:") + "/"), { headers });
       const seen = (await got.json()).headers; return [seen.authorization ?? null, seen.cookie ?? null, seen["x-own"]]`,
      [null, null, "1"],
    ],
    [
      "one leads out of the town, without what was for its ears",
      `const answer = await fetch(echo + "/?to=" + outside, { headers: { authorization: "a" } });
       const { headers } = await answer.json();
       return [answer.url === outside, headers.authorization ?? null, headers["x-hamlet-hops"] ?? null, outside.includes(headers.host)]`,
      [true, null, null, true],
    ],
    [
      "one leads into it",
      `const answer = await fetch(outside + "?to=" + echo + "/in"); return [answer.url === echo + "/in", answer.redirected, (await answer.json()).url === answer.url]`,
      [true, true, true],
    ],
    [
      "manual shows it",
      `const answer = await fetch(echo + "/?to=/next", { redirect: "manual" }); return [answer.status, answer.headers.get("location"), answer.redirected]`,
      [302, "/next", false],
    ],
    [
      "error refuses it",
      `return (await fetch(echo + "/?to=/next", { redirect: "error" })).status`,
      { thrown: "TypeError: Fetch failed: Encountered redirect while redirect mode is set to 'error'" },
    ],
    [
      "twenty are enough",
      `return (await fetch(echo + "/around")).status`,
      { thrown: "TypeError: Fetch failed: Maximum number of redirects (20) reached" },
    ],
  ];
  for (const [title, code, said] of cases) test(title, async () => expect(await run(code)).toEqual(said));
});
