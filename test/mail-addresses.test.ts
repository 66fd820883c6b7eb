/** Addresses of email files, as the API shows and changes them. */

import { expect, test } from "bun:test";
import { makeTown, type Town } from "./support/town.ts";

async function makeMailbox(name = "letters") {
  const town = await makeTown();
  const valId = await town.val(name);
  const file = await town.file(valId, "mail.ts", "export default () => {}", "email");
  return { town, valId, file, [Symbol.asyncDispose]: () => town[Symbol.asyncDispose]() };
}

const set = (town: Town, fileId: string, emailName: string | null, more = {}) =>
  town.call("PATCH", `/v3/files/${fileId}/trigger`, { json: { emailName }, ...more });

test("an email file has its address among its links, wherever it is shown, and no other file has one", async () => {
  await using made = await makeMailbox();
  const { town, valId, file } = made;
  const address = `ann-${file.id.replaceAll("-", "")}@example.org`;
  expect(file.links.email).toBe(address);
  expect(file.links.endpoint).toBeUndefined();
  const listed = await town.expect(200, "GET", `/v2/vals/${valId}/files?path=mail.ts`);
  expect(listed.json.data[0].links.email).toBe(address);
  expect((await town.file(valId, "s.ts")).links.email).toBeUndefined();
  const changed = await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=mail.ts`, {
    json: { type: "script" },
  });
  expect(changed.json.links.email).toBeUndefined();
});

test("the trigger of an email file tells every address that leads to it, and takes one of its owner's choice", async () => {
  await using made = await makeMailbox();
  const { town, file } = made;
  const own = [file.links.email, "ann.letters@example.org"];
  const before = await town.expect(200, "GET", `/v3/files/${file.id}/trigger`, { token: "" });
  expect(before.json).toMatchObject({ type: "email", endpoints: [], emailAddresses: own, emailName: null });
  const { status, json } = await set(town, file.id, "Post_Office");
  expect([status, json.emailName, json.emailAddresses]).toEqual([
    200,
    "post_office",
    [own[0], "post_office@example.org", own[1]],
  ]);
  const given = await set(town, file.id, null);
  expect([given.status, given.json.emailName, given.json.emailAddresses]).toEqual([200, null, own]);
});

test("a name that is taken, reserved or no name is refused with a sentence that helps", async () => {
  await using made = await makeMailbox();
  const { town, file } = made;
  const bobs = await town.val("b", { token: town.bob.token });
  const other = await town.expect(201, "POST", `/v2/vals/${bobs}/files?path=m.ts`, {
    token: town.bob.token,
    json: { type: "email", content: "" },
  });
  const asBob = { token: town.bob.token };
  await set(town, file.id, "shop");
  const refusals = [
    ["shop", 409, "The address shop is taken. Choose another."],
    ["postmaster", 400, "The address postmaster is reserved. Choose another."],
    ["a@example.org", 400, "Choose what stands before the @; what stands behind it is the town's."],
    ["a.b", 400, "What stands before the @ consists of letters, digits, - and _."],
  ] as const;
  for (const [name, status, message] of refusals) {
    const answer = await set(town, other.json.id, name, asBob);
    expect([answer.status, answer.json.message]).toEqual([status, message]);
  }
  expect((await set(town, file.id, "mine", asBob)).status).toBe(403);
});

test("only an email file takes an address, and only an endpoint a subdomain; what is left from before may be given up", async () => {
  await using made = await makeMailbox();
  const { town, valId, file } = made;
  const script = await town.file(valId, "s.ts");
  const refused = await set(town, script.id, "mine");
  expect([refused.status, refused.json.message]).toEqual([
    400,
    "Only a file of type email has an address. Change the file's type first",
  ]);
  const both = { json: { subdomain: "corner", emailName: "mine" } };
  expect((await town.call("PATCH", `/v3/files/${file.id}/trigger`, both)).status).toBe(400);
  expect(await town.store.mailAddresses.of(file.id)).toBeUndefined();
  await set(town, file.id, "mine");
  await town.expect(200, "PUT", `/v2/vals/${valId}/files?path=mail.ts`, { json: { type: "script" } });
  const after = await set(town, file.id, null);
  expect([after.status, after.json.emailName, after.json.emailAddresses]).toEqual([200, null, []]);
});
