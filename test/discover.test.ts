/** What whoever looks around in the town finds. */

import { expect, test } from "bun:test";
import { makeTown } from "./support/town.ts";

const namesOf = (answer: { json: { data: { name: string }[] } }) => answer.json.data.map(({ name }) => name);

test("a stranger sees the newest public vals, of all or of one account, page by page", async () => {
  await using town = await makeTown();
  for (const name of ["one", "two", "three"]) await town.val(name);
  for (const privacy of ["unlisted", "private"]) await town.val(privacy, { privacy });
  const json = { name: "of-bob", privacy: "public" };
  await town.expect(201, "POST", "/v2/vals", { token: town.bob.token, json });
  const stranger = { token: "" };
  expect(namesOf(await town.expect(200, "GET", "/v3/vals", stranger))).toEqual([
    "of-bob",
    "three",
    "two",
    "one",
  ]);
  const first = await town.expect(200, "GET", "/v3/vals?username=ANN&limit=2", stranger);
  expect(namesOf(first)).toEqual(["three", "two"]);
  expect(first.json.data[0].author.username).toBe("ann");
  const second = await town.expect(200, "GET", first.json.links.next, stranger);
  expect(namesOf(second)).toEqual(["one"]);
  expect(second.json.links.next).toBeUndefined();
  expect(namesOf(await town.expect(200, "GET", `/v3/vals?user_id=${town.bob.id}`, stranger))).toEqual([
    "of-bob",
  ]);
  expect(namesOf(await town.expect(200, "GET", "/v3/vals?username=ann"))).toContain("private");
  await town.expect(404, "GET", "/v3/vals?username=nobody", stranger);
  await town.expect(400, "GET", `/v3/vals?username=ann&user_id=${town.bob.id}`, stranger);
});
