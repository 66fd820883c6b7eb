/** Search: who finds what, in which order, and what nobody can do to it. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

let town: Town;

beforeAll(async () => {
  town = await makeTown();
});
afterAll(() => town[Symbol.asyncDispose]());

interface Options {
  kind?: string;
  token?: string;
  more?: Record<string, string>;
}

async function search(query: string, { kind = "vals", token, more = {} }: Options = {}) {
  await town.store.search.settled();
  const where = new URLSearchParams({ query, kind, ...more });
  return (await town.expect(200, "GET", `/v3/search?${where}`, { token })).json;
}

async function names(query: string, options: Options = {}): Promise<string[]> {
  const { data } = await search(query, options);
  return data.map((one: { val?: { name: string }; user?: { username: string } }) =>
    one.user === undefined ? one.val!.name : one.user.username,
  );
}

async function make(name: string, content: string, { privacy = "public", description = "" } = {}) {
  const files = [{ path: "main.ts", type: "http", content }];
  const body = { name, privacy, description, files };
  return (await town.expect(201, "POST", "/v2/vals", { json: body })).json.id as string;
}

test("a stranger finds what is public; its owner finds all of it, by name and by code", async () => {
  for (const privacy of ["public", "unlisted", "private"])
    await make(`who_${privacy}`, `const zebra_${privacy} = 1; // quagga`, { privacy });
  for (const token of ["", town.bob.token]) {
    expect(await names("who_", { token })).toEqual(["who_public"]);
    expect(await names("quagga", { token, kind: "code" })).toEqual(["who_public"]);
    expect(await names("zebra_unlisted", { token, kind: "code" })).toEqual([]);
  }
  for (const kind of ["vals", "code"])
    expect((await names(kind === "vals" ? "who_" : "quagga", { kind })).sort()).toEqual([
      "who_private",
      "who_public",
      "who_unlisted",
    ]);
});

test("code is told with its lines, and where in them it matched", async () => {
  const long = `${"x".repeat(1000)} Needle ${"y".repeat(1000)}`;
  await make("lines", ["// nothing", "const needle = 'needle';", "", long, "NEEDLE"].join("\r\n"));
  const { data } = await search("needle", { kind: "code" });
  expect(data).toHaveLength(1);
  expect(data[0]).toMatchObject({
    kind: "code",
    val: { name: "lines" },
    file: { path: "main.ts", type: "http" },
  });
  const [first, cut, last] = data[0].lines;
  expect(first).toEqual({
    line: 2,
    text: "const needle = 'needle';",
    offset: 0,
    ranges: [
      [6, 12],
      [16, 22],
    ],
  });
  expect(last).toMatchObject({ line: 5, text: "NEEDLE", ranges: [[0, 6]] });
  expect(cut.line).toBe(4);
  expect(cut.text.length).toBeLessThan(300);
  expect(cut.text.slice(...cut.ranges[0])).toBe("Needle");
  expect(long.slice(cut.offset, cut.offset + cut.text.length)).toBe(cut.text);
});

test("the exact name comes first, then names that begin with it, then the newest", async () => {
  for (const name of ["rank", "old_rank", "ranking", "new_rank"]) await make(name, "");
  expect(await names("rank")).toEqual(["rank", "ranking", "new_rank", "old_rank"]);
  expect(await names("ann/rank")).toEqual(["rank", "ranking"]);
});

test("words may be in the name, the description or the owner's name", async () => {
  await make("fields", "", { description: "Counts wombats" });
  expect(await names("WOMBAT ann field")).toEqual(["fields"]);
  const [found] = (await search("wombat")).data;
  expect(found.highlights).toEqual({ name: [], description: [[7, 13]], username: [] });
  expect(await names("wombat kangaroo")).toEqual([]);
});

test("what is found follows edits, renames of files, deletes and branches", async () => {
  const id = await make("follows", "const okapi = 1;");
  const files = `/v2/vals/${id}/files`;
  const found = async (text: string) => (await names(text, { kind: "code" })).length;
  expect(await found("okapi")).toBe(1);
  await town.expect(200, "PUT", `${files}?path=main.ts`, { json: { content: "const tapir = 1;" } });
  expect([await found("okapi"), await found("tapir")]).toEqual([0, 1]);
  await town.expect(200, "PUT", `${files}?path=main.ts`, { json: { name: "other.ts" } });
  const [moved] = (await search("tapir", { kind: "code" })).data;
  expect(moved.file.path).toBe("other.ts");
  await town.expect(204, "DELETE", `${files}?path=other.ts`);
  expect(await found("tapir")).toBe(0);
  await town.expect(201, "POST", `${files}?path=again.ts`, {
    json: { type: "script", content: "tapir again" },
  });
  expect(await found("tapir")).toBe(1);
  await town.expect(204, "DELETE", `/v2/vals/${id}`);
  expect([await found("tapir"), (await names("follows")).length]).toEqual([0, 0]);
});

test("users are found by a part of their name", async () => {
  expect(await names("OB", { kind: "users", token: "" })).toEqual(["Bob"]);
  expect(await names("ann", { kind: "users", token: "" })).toEqual(["ann"]);
  const [found] = (await search("ob", { kind: "users" })).data;
  expect(found).toMatchObject({
    kind: "user",
    user: { username: "Bob" },
    highlights: { username: [[1, 3]] },
  });
});

test("one or two characters are enough, and so are characters of any script", async () => {
  await make("qj", "// \u{1F984} 漢字 q");
  expect(await names("qj")).toEqual(["qj"]);
  expect(await names("漢字", { kind: "code" })).toEqual(["qj"]);
  expect(await names("\u{1F984} 漢", { kind: "code" })).toEqual(["qj"]);
});

const HOSTILE = [
  '"',
  '""',
  '"""',
  'abc" OR "def',
  "abc*",
  "abc AND def",
  "NOT abc",
  "NEAR(abc def)",
  "text:abc",
  "{text}:abc",
  "^abc",
  "(abc",
  "abc'; drop table vals; --",
  "%_%",
  "\\",
  "[a-z]",
  "x".repeat(512),
  '"'.repeat(512),
  "a ".repeat(256),
  "\u{1F600}".repeat(128),
  "\ud800abc",
  "abc\0def",
  "-- \n *",
];

test.each(HOSTILE)("%j is only text", async (query) => {
  for (const kind of ["vals", "code", "users"]) await search(query, { kind });
  await make(`h_${HOSTILE.indexOf(query)}`, `start ${query.toWellFormed().replace(/[\0\n]/g, " ")} end`);
  const { data } = await search(query, { kind: "code", more: { limit: "100" } });
  const longOrOdd = query === "" || query.trim() === "";
  expect(data.length > 0 || longOrOdd).toBe(true);
});

test("pages go on where the last one ended, and name the query", async () => {
  for (let n = 0; n < 5; n++) await make(`paged${n}`, "// pagedcode");
  await town.store.search.settled();
  for (const [kind, query] of [
    ["vals", "paged"],
    ["code", "pagedcode"],
  ] as const) {
    const seen: string[] = [];
    let next: string | undefined = `/v3/search?query=${query}&kind=${kind}&limit=2`;
    while (next !== undefined) {
      const { json } = await town.expect(200, "GET", next);
      seen.push(...json.data.map((one: { val: { name: string } }) => one.val.name));
      next = json.links.next;
    }
    expect(seen.sort()).toEqual(["paged0", "paged1", "paged2", "paged3", "paged4"]);
  }
});

test("older clients find vals with their code", async () => {
  const id = await make("legacy", "export default () => new Response('capybara')");
  await town.store.search.settled();
  const { json } = await town.expect(200, "GET", "/v1/search/vals?query=capybara&limit=20&offset=0", {
    token: "",
  });
  expect(json.data).toEqual([
    {
      id,
      name: "legacy",
      version: 1,
      code: "export default () => new Response('capybara')",
      public: true,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      privacy: "public",
      type: "http",
      url: "http://localhost:3000/x/ann/legacy",
      links: {
        self: `http://api.localhost:3000/v2/vals/${id}`,
        versions: `http://api.localhost:3000/v3/vals/${id}/versions`,
        module: "http://esm.localhost:3000/v/ann/legacy/main.ts",
        endpoint: "http://ann-legacy.web.localhost:3000",
      },
      author: { id: town.ann.id, username: "ann" },
    },
  ]);
  const byName = await town.expect(200, "GET", "/v1/search/vals?query=legacy&searchType=exact");
  expect(byName.json.data[0].code).toContain("capybara");
  await town.expect(400, "GET", `/v1/search/vals?query=${"x".repeat(513)}`);
  await town.expect(400, "GET", "/v1/search/vals?query=");
});
