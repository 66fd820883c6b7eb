/** A val that gets another name or owner while it is served. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startHamlet, type TestHamlet, type TestVal } from "./support/server.ts";

const TELLING = `const me = () => fetch(Deno.env.get("VALTOWN_API_URL") + "/v1/me", {
    headers: { authorization: "Bearer " + Deno.env.get("valtown") },
  });
  export default async (request: Request) => {
    if (new URL(request.url).pathname !== "/stream") return Response.json([import.meta.url, (await (await me()).json()).username]);
    const input = request.body!.getReader();
    return new Response(new ReadableStream({
      async pull(controller) {
        const { done } = await input.read();
        if (done) return controller.close();
        controller.enqueue(new TextEncoder().encode(String((await me()).status)));
      },
    }));
  };`;

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet({ args: ["--pool", "0"] });
}, 60_000);
afterAll(() => hamlet?.[Symbol.asyncDispose]());

// biome-ignore lint/suspicious/noExplicitAny: the tests look into what they test
async function api(path: string, method: string, json?: unknown, status = 200): Promise<any> {
  const answer = await hamlet.api(path, { method, json });
  expect([path, answer.status]).toEqual([path, status]);
  return status === 204 ? undefined : answer.json();
}

const at = (val: TestVal, label: string): TestVal => ({ ...val, host: val.host.replace(/^[^.]+/, label) });
const told = async (val: TestVal) => (await hamlet.fetch(val)).json() as Promise<string[]>;

function module(path: string): Promise<Response> {
  const { host } = new URL(String(hamlet.firstLine.url));
  const headers = { host: `esm.${host}` };
  return fetch(`http://127.0.0.1:${hamlet.port}${path}`, { headers, redirect: "manual" });
}

test("a new name is served at once, at the old host too, and importers of the old one go on", async () => {
  const lib = await hamlet.val("lib", { "main.ts": "export const word = 'one';" });
  const user = await hamlet.val("user", {
    "main.http.ts":
      'import { word } from "https://esm.town/v/tester/lib/main.ts"; export default () => new Response(word);',
  });
  const val = await hamlet.val("early", TELLING);
  expect(await told(val)).toEqual(["https://esm.town/v/tester/early@1-main/main.http.ts", "tester"]);
  expect((await hamlet.fetch(at(val, "tester-late"))).status).toBe(404);
  await api(`/v3/vals/${val.id}`, "PATCH", { name: "late" });
  for (const label of ["tester-early", "tester-late"])
    expect((await told(at(val, label)))[0]).toBe("https://esm.town/v/tester/late@1-main/main.http.ts");
  await api(`/v3/vals/${lib.id}`, "PATCH", { name: "library" });
  const moved = await module("/v/tester/lib/main.ts");
  expect([moved.status, moved.headers.get("location")]).toEqual([302, "/v/tester/library@1-main/main.ts"]);
  await hamlet.save(lib, "export const word = 'two';", "main.ts");
  await hamlet.save(
    user,
    `import { word } from "https://esm.town/v/tester/lib/main.ts";
    export default () => new Response("again " + word);`,
  );
  expect(await (await hamlet.fetch(user)).text()).toBe("again two");
  await api(`/v3/vals/${lib.id}`, "PATCH", { privacy: "private" });
  expect((await module("/v/tester/library@2-main/main.ts")).status).toBe(404);
  expect(await (await hamlet.fetch(user)).text()).toBe("again two");
}, 60_000);

test("a val that goes to an organization speaks for that from the next call on, and its older calls for nobody", async () => {
  const val = await hamlet.val("given", TELLING);
  const org = await api("/v3/orgs", "POST", { username: "acme" }, 201);
  expect((await told(val))[1]).toBe("tester");
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const stream = hamlet.fetch(val, "/stream", { method: "POST", body: input.readable });
  writer.write(new Uint8Array([1]));
  const reader = (await stream).body!.getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe("200");
  await api(`/v3/vals/${val.id}/transfer`, "POST", { ownerId: org.id });
  writer.write(new Uint8Array([1]));
  expect(await next()).toBe("401");
  await writer.close();
  expect((await reader.read()).done).toBe(true);
  for (const label of ["tester-given", "acme-given"])
    expect(await told(at(val, label))).toEqual(["https://esm.town/v/acme/given@1-main/main.http.ts", "acme"]);
  const { data } = await api("/v1/telemetry/traces?limit=100", "GET");
  const calls = data.filter((trace: { attributes: { key: string; value: { stringValue?: string } }[] }) =>
    trace.attributes.some(({ key, value }) => key === "val.id" && value.stringValue === val.id),
  );
  expect(calls.length).toBe(4);
  await api(`/v3/orgs/${org.id}`, "DELETE", undefined, 204);
  expect((await hamlet.fetch(at(val, "acme-given"))).status).toBe(404);
}, 60_000);
