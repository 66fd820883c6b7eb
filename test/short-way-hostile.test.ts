/** A val that would turn its own way to the town against others. */

import { expect, test } from "bun:test";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const VAL = `export default async function (request: Request) {
  const run = new Function("api", "return (async () => {" + (await request.text()) + "})()");
  const tried = await run(request.headers.get("x-api")).catch((error) => error.name + ": " + error.message);
  return Response.json(tried ?? null);
}`;
/** Where the door is, at any level. */
const DOORS = `["/door/s", Deno.cwd() + "/../door"]`;

const call = async (hamlet: TestHamlet, val: TestVal, code: string) => {
  const headers = { "x-api": `http://api.localhost:${hamlet.port}` };
  return (await hamlet.fetch(val, "/", { method: "POST", body: code, headers })).json();
};
const ASK = `return (await fetch(api + "/v1/me")).status`;

for (const sandbox of ["auto", "deno"]) {
  test(`a val that puts its own socket in the door's place deceives itself alone, at level ${sandbox}`, async () => {
    await using hamlet = await startHamlet({ args: ["--sandbox", sandbox] });
    const [hostile, other] = [await hamlet.val("hostile", VAL), await hamlet.val("other", VAL)];
    await call(
      hamlet,
      hostile,
      `for (const path of ${DOORS}) {
         try { Deno.removeSync(path) } catch {}
         try {
           const listener = Deno.listen({ transport: "unix", path });
           (async () => { for await (const one of listener) one.close(); })();
         } catch {}
       }`,
    );
    expect(await call(hamlet, other, ASK)).toBe(401);
    // Nor one that is started later.
    expect(await call(hamlet, await hamlet.val("later", VAL), ASK)).toBe(401);
  });

  test(`raw words at the door are heard as any visitor's, at level ${sandbox}`, async () => {
    await using hamlet = await startHamlet({ args: ["--sandbox", sandbox] });
    const val = await hamlet.val("raw", VAL);
    const said = await call(
      hamlet,
      val,
      `for (const path of ${DOORS}) {
         try {
           const door = await Deno.connect({ transport: "unix", path });
           await door.write(new TextEncoder().encode("GET /v1/me HTTP/1.1\\r\\nhost: api.val.town\\r\\nx-forwarded-for: 127.0.0.1\\r\\n\\r\\n"));
           const bytes = new Uint8Array(4096);
           return new TextDecoder().decode(bytes.subarray(0, await door.read(bytes))).slice(0, 12);
         } catch {}
       }`,
    );
    expect(said).toBe("HTTP/1.1 401");
  });
}

test("a val that patches what the guest is made of gets no other way out", async () => {
  await using hamlet = await startHamlet();
  const val = await hamlet.val("patching", VAL);
  const said = await call(
    hamlet,
    val,
    `Object.prototype.client = {};
     URL.prototype.toString = () => "http://api.localhost/";
     Object.defineProperty(URL.prototype, "host", { get: () => api.slice(7) });
     return await Promise.all(["http://127.0.0.1:1234/", "http://169.254.169.254/"].map((address) =>
       fetch(address).then((answer) => answer.status, (error) => "refused")))`,
  );
  // The town itself may answer, for it is the town that is asked; nobody else.
  for (const one of said as unknown[]) expect(["refused", 404]).toContain(one as string);
});

test("a val that holds all connections to the town keeps no other val from it", async () => {
  await using hamlet = await startHamlet({ args: ["--max-connections", "40"] });
  const [hostile, other] = [await hamlet.val("hostile", VAL), await hamlet.val("other", VAL)];
  const held = await call(
    hamlet,
    hostile,
    `let held = 0;
     for (const path of ${DOORS}) {
       try { for (; held < 60; held++) (globalThis.held ??= []).push(await Deno.connect({ transport: "unix", path })); } catch {}
     }
     // Some of them are in the middle of a head.
     for (const one of globalThis.held.slice(0, 30)) await one.write(new TextEncoder().encode("GET / HTTP/1.1\\r\\n")).catch(() => {});
     return held`,
  );
  expect(held).toBe(60);
  expect(await call(hamlet, other, ASK)).toBe(401);
});

test("a val that calls itself many times at once leaves room for visitors of others", async () => {
  const limits = ["--max-connections", "20", "--max-in-flight", "20", "--max-in-flight-per-val", "20"];
  await using hamlet = await startHamlet({ args: limits });
  // Five at once, or nobody gets an answer.
  const other = await hamlet.val(
    "other",
    `const all = Promise.withResolvers(); let here = 0;
     export default async () => { if (++here === 5) all.resolve(undefined); await all.promise; return new Response("here"); };`,
  );
  const hostile = await hamlet.val(
    "hostile",
    `export default (request: Request) => {
       if (new URL(request.url).pathname === "/hang") return new Promise(() => {});
       let refused = 0;
       return new Promise((resolve) => {
         const done = () => ++refused === 20 && resolve(Response.json(refused));
         for (let n = 0; n < 40; n++) fetch(new URL("/hang", request.url)).then(done, done);
       });
     };`,
  );
  expect(await (await hamlet.fetch(hostile)).json()).toBe(20);
  const answers = await Promise.all(Array.from({ length: 5 }, () => hamlet.fetch(other)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test("a val whose uploads never end keeps no other val from the town", async () => {
  await using hamlet = await startHamlet({ args: ["--max-connections", "40"] });
  const hostile = await hamlet.val("hostile", VAL);
  const refused = await call(
    hamlet,
    hostile,
    `const headers = { authorization: "Bearer " + Deno.env.get("valtown") };
     const put = (n) => {
       const body = new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)), pull: () => new Promise(() => {}) });
       return fetch(api + "/v1/blob/endless" + n, { method: "POST", body, headers });
     };
     const statuses = [];
     return await new Promise((resolve) => {
       for (let n = 0; n < 40; n++) put(n).then(({ status }) => status, () => 0).then((status) => {
         if (statuses.push(status) === 35) resolve(statuses);
       });
     });`,
  );
  expect(refused).toContain(429);
  // Its owner can still save, and others ask.
  const other = await hamlet.val("other", VAL);
  expect(await call(hamlet, other, ASK)).toBe(401);
});
