/** Vals, branches and how lists are paged. */

import { expect, test } from "bun:test";
import { type Answer, makeTown, type Town } from "./support/town.ts";

test("a val has the shape that clients know", async () => {
  await using town = await makeTown();
  const body = { name: "My-val_1", privacy: "unlisted", description: "" };
  const made = await town.expect(201, "POST", "/v2/vals", { json: body });
  const { id, createdAt } = made.json;
  expect(made.json).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    name: "My-val_1",
    description: "",
    privacy: "unlisted",
    imageUrl: null,
    createdAt: new Date(createdAt).toISOString(),
    author: { id: town.ann.id, type: "user", username: "ann" },
    links: { self: `http://api.localhost:3000/v2/vals/${id}`, html: "http://localhost:3000/x/ann/My-val_1" },
  });
  for (const path of [`/v2/vals/${id}`, `/v2/vals/${id.toUpperCase()}`, "/v2/alias/vals/ann/My-val_1"])
    expect((await town.expect(200, "GET", path)).json).toEqual(made.json);
});

test("a new val has the branch main at version 0", async () => {
  await using town = await makeTown();
  const id = await town.val("hello");
  const { json } = await town.expect(200, "GET", `/v2/vals/${id}/branches`);
  const [main] = json.data;
  expect(json).toEqual({
    data: [
      {
        id: main.id,
        name: "main",
        version: 0,
        createdAt: main.createdAt,
        updatedAt: main.createdAt,
        forkedBranchId: null,
        links: {
          self: `http://api.localhost:3000/v2/vals/${id}/branches/${main.id}`,
          html: "http://localhost:3000/x/ann/hello",
        },
      },
    ],
    links: { self: `http://api.localhost:3000/v2/vals/${id}/branches` },
  });
  expect((await town.expect(200, "GET", new URL(main.links.self).href)).json).toEqual(main);
});

test("a val made with files is there with its first answer, and built once", async () => {
  await using town = await makeTown();
  const files = [
    { path: "main.ts", type: "http", content: "export default 1" },
    { path: "lib/a.ts", type: "script", content: "" },
    { path: "empty", type: "directory" },
  ];
  const made = await town.expect(201, "POST", "/v2/vals", {
    json: { name: "full", privacy: "public", files },
  });
  expect(made.headers.get("x-hamlet-build")).toBe("ok");
  expect(town.told).toEqual([`saved ${made.json.id}`]);
  const { json } = await town.expect(200, "GET", `/v2/vals/${made.json.id}/files?path=&recursive=true`);
  expect(json.data.map((file: { path: string; version: number }) => [file.path, file.version])).toEqual([
    ["empty", 1],
    ["lib", 1],
    ["lib/a.ts", 1],
    ["main.ts", 1],
  ]);
});

test("a deleted val is gone for everyone, its name is free, and whoever serves it is told", async () => {
  await using town = await makeTown();
  const id = await town.val("hello");
  const { id: fileId } = await town.file(id, "main.ts", "", "http");
  await town.expect(204, "DELETE", `/v2/vals/${id}`);
  expect(town.told.at(-1)).toBe(`removed ${id}`);
  const gone = [
    "/v2/alias/vals/ann/hello",
    `/v2/vals/${id}`,
    `/v2/files/${fileId}`,
    `/v2/vals/${id}/files?path=`,
  ];
  for (const path of gone) await town.expect(404, "GET", path);
  await town.expect(404, "DELETE", `/v2/vals/${id}`);
  expect(await town.val("hello")).not.toBe(id);
});

/** Every page of a list, following `next` as it is. */
async function pages(town: Town, path: string, token?: string): Promise<Answer[]> {
  const found: Answer[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    expect(found.length).toBeLessThan(50);
    const page: Answer = await town.expect(200, "GET", next, { token });
    expect(Object.keys(page.json)).toEqual(["data", "links"]);
    expect(page.json.links.self).toBe(new URL(next, "http://api.localhost:3000").href);
    found.push(page);
    next = page.json.links.next;
  }
  return found;
}

const namesOf = (answers: Answer[]) =>
  answers.flatMap(({ json }) => json.data.map((val: { name: string }) => val.name));

test.each([1, 2, 3, 7, 100])(
  "whoever follows a list by position, %i at a time, sees each item once",
  async (limit) => {
    await using town = await makeTown();
    for (let i = 0; i < 7; i++) await town.val(`v${i}`, { privacy: i % 2 ? "private" : "public" });
    await town.val("not-mine", { token: town.bob.token });
    const all = await pages(town, `/v2/me/vals?limit=${limit}&offset=0`);
    expect(namesOf(all)).toEqual(["v6", "v5", "v4", "v3", "v2", "v1", "v0"]);
    expect(all).toHaveLength(Math.ceil(7 / limit));
    for (const { json } of all.slice(0, -1)) {
      expect(json.data).toHaveLength(limit);
      expect(new URL(json.links.next).searchParams.get("offset")).toMatch(/^\d+$/);
    }
    for (const { json } of all.slice(1))
      expect(json.links.prev).toStartWith("http://api.localhost:3000/v2/me/vals?");
  },
);

test("without limit and offset a page has twenty, and one beyond the end is empty", async () => {
  await using town = await makeTown();
  for (let i = 0; i < 21; i++) await town.val(`v${i}`);
  const [first, second] = await pages(town, "/v2/me/vals");
  expect([first?.json.data.length, second?.json.data.length]).toEqual([20, 1]);
  const beyond = await town.expect(200, "GET", "/v2/me/vals?offset=99");
  expect([beyond.json.data, beyond.json.links.next]).toEqual([[], undefined]);
});

test.each([1, 3, 100])(
  "whoever follows the list of all vals, %i at a time, sees public ones and one's own once",
  async (limit) => {
    await using town = await makeTown();
    for (const privacy of ["public", "unlisted", "private", "public"] as const) {
      const suffix = town.told.push(privacy);
      await town.val(`ann-${privacy}-${suffix}`, { privacy });
      await town.val(`bob-${privacy}-${suffix}`, { privacy, token: town.bob.token });
    }
    const path = `/v2/vals?limit=${limit}`;
    const expected = [
      "bob-public-4",
      "ann-public-4",
      "ann-private-3",
      "ann-unlisted-2",
      "bob-public-1",
      "ann-public-1",
    ];
    expect(namesOf(await pages(town, path))).toEqual(expected);
    expect(namesOf(await pages(town, `${path}&privacy=private`))).toEqual(["ann-private-3"]);
    expect(namesOf(await pages(town, `${path}&user_id=${town.bob.id}`))).toEqual([
      "bob-public-4",
      "bob-public-1",
    ]);
    expect(namesOf(await pages(town, `${path}&user_id=${town.bob.id}&privacy=unlisted`))).toEqual([]);
  },
);

test("a cursor may be a date, or the whole link that a client was given", async () => {
  await using town = await makeTown();
  for (let i = 0; i < 5; i++) await town.val(`v${i}`);
  const first = await town.expect(200, "GET", "/v2/vals?limit=2");
  const { next } = first.json.links;
  const date = new URL(next).searchParams.get("cursor")!;
  expect(new Date(date).toISOString()).toBe(date);
  for (const cursor of [date, next]) {
    const query = new URLSearchParams({ limit: "2", cursor });
    expect(namesOf([await town.expect(200, "GET", `/v2/vals?${query}`)])).toEqual(["v2", "v1"]);
  }
  const old = await town.expect(200, "GET", "/v2/vals?limit=1&cursor=2019-12-27T18:11:19.117Z");
  expect(old.json.data).toEqual([]);
});

test("links lead back to where the request came from", async () => {
  await using town = await makeTown();
  for (let i = 0; i < 2; i++) await town.val(`v${i}`);
  const from = async (base: string, headers = {}) =>
    (await town.expect(200, "GET", "/v2/me/vals?limit=1", { base, headers })).json;
  const bases = ["http://localhost:3000/api", "http://api.localhost:3000", "http://127.0.0.1:3000/api"];
  for (const base of bases) {
    const { data, links } = await from(base);
    expect(links.next).toBe(`${base}/v2/me/vals?limit=1&offset=1`);
    expect(data[0].links.self).toBe(`${base}/v2/vals/${data[0].id}`);
    expect((await town.expect(200, "GET", links.next)).json.data).toHaveLength(1);
  }
  const secure = await from("http://localhost/api", { "x-forwarded-proto": "https" });
  expect(secure.links.next).toBe("https://localhost/api/v2/me/vals?limit=1&offset=1");
  expect(secure.data[0].links.html).toBe("https://localhost/x/ann/v1");
});
