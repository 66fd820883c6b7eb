/** How the published SDK reports what it is refused, and how often it asks. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import ValTown from "@valtown/sdk";
import { openSdkTown, refusal, type SdkTown } from "./support/sdk.ts";
import { addUser, runHamlet } from "./support/server.ts";

const UNKNOWN = "b037fb4a-791b-11f0-b97e-0224a6c84d84";

let town: SdkTown;
beforeAll(async () => {
  town = await openSdkTown();
}, 60_000);
afterAll(() => town?.[Symbol.asyncDispose]());

test("what is malformed is a BadRequestError that says where", async () => {
  const { client } = town;
  const bad = [
    await refusal(client.vals.create({ name: "not a name", privacy: "public" })),
    await refusal(client.vals.retrieve("no-uuid")),
    await refusal(client.me.vals.list({ limit: 101, offset: 0 })),
    await refusal(client.sqlite.execute({ statement: "selec 1" })),
  ];
  for (const error of bad) {
    expect(error).toBeInstanceOf(ValTown.BadRequestError);
    expect(error.error).toMatchObject({ statusCode: 400, error: "Bad Request", message: expect.any(String) });
  }
  expect(bad[1]!.message).toStartWith("400 params/val_id");
});

test("a wrong token is an AuthenticationError", async () => {
  const error = await refusal(
    town.connect({ token: "vtwn_0000000000000000000000000000" }).me.profile.retrieve(),
  );
  expect(error).toBeInstanceOf(ValTown.AuthenticationError);
  expect(error.status).toBe(401);
});

test("a missing scope, and another one's val, are PermissionDeniedErrors", async () => {
  const id = await town.val("guarded");
  const { data, username } = town.hamlet;
  const made = await runHamlet([
    "token",
    "create",
    "--user",
    username,
    "--scopes",
    "val:read",
    "--data",
    data,
  ]);
  const reader = town.connect({ token: JSON.parse(made.out).token });
  const scope = await refusal(reader.vals.delete(id));
  expect(scope).toBeInstanceOf(ValTown.PermissionDeniedError);
  expect(scope.message).toBe("403 Token does not have the required permissions");
  const stranger = town.connect({ token: (await addUser(town.hamlet.data, "stranger")).token });
  const foreign = await refusal(stranger.vals.files.update(id, { path: crypto.randomUUID() }));
  expect(foreign).toBeInstanceOf(ValTown.PermissionDeniedError);
});

test("what is not there is a NotFoundError, and an unknown val does not look as if it could be written", async () => {
  const { client } = town;
  const val = await refusal(client.vals.retrieve(UNKNOWN));
  expect(val).toBeInstanceOf(ValTown.NotFoundError);
  expect(val.message).toBe("404 This val could not be found");
  const unknownRoute = client.blobs.list({ prefix: "prefix" }, { path: "/_stainless_unknown_path" });
  expect(await refusal(unknownRoute)).toBeInstanceOf(ValTown.NotFoundError);
  const write = await refusal(client.vals.files.update(UNKNOWN, { path: crypto.randomUUID() }));
  expect([write.status, write.message.includes("Not authorized")]).toEqual([404, true]);
  const own = await refusal(client.vals.files.update(await town.val("own"), { path: crypto.randomUUID() }));
  expect([own.status, own.message]).toEqual([404, "404 File not found"]);
});

test("a conflict is a ConflictError, and is asked once: the answer says that trying again is of no use", async () => {
  const asked: string[] = [];
  const client = town.connect({ onRequest: (url) => asked.push(url) });
  const id = await town.val("taken");
  await town.file(id, "a.ts");
  await client.vals.environmentVariables.create(id, { key: "A", value: "1" });
  const again: [call: () => Promise<unknown>, message: string][] = [
    [
      () => client.vals.create({ name: "taken", privacy: "public" }),
      "409 Conflict: Project name already exists",
    ],
    [
      () => client.vals.files.create(id, { path: "a.ts", type: "script", content: "" }),
      "409 File or directory already exists at this path",
    ],
    [() => client.vals.environmentVariables.create(id, { key: "A", value: "2" }), "409 Key already exists"],
    [
      () => client.vals.branches.create(id, { name: "main" }),
      "409 Conflict: Branch name already exists in this project",
    ],
  ];
  for (const [call, message] of again) {
    asked.length = 0;
    const error = await refusal(call());
    expect(error).toBeInstanceOf(ValTown.ConflictError);
    expect([error.message, asked.length]).toEqual([message, 1]);
    expect(error.headers?.["x-should-retry"]).toBe("false");
  }
});

test("beyond a rate is a RateLimitError that says when to come again", async () => {
  const client = town.connect();
  const options = { maxRetries: 0 };
  const send = () => client.emails.send({ to: "a@example.org", text: "again" }, options);
  const tries = await Promise.all(Array.from({ length: 110 }, () => send().catch((error) => error)));
  const limited = tries.filter((one) => one instanceof ValTown.RateLimitError);
  expect(limited.length).toBeGreaterThan(0);
  expect(Number(limited[0]!.headers?.["retry-after"])).toBeGreaterThan(0);
});

test("an answer can be had raw, and what the SDK has no method for can be asked by path", async () => {
  const { client } = town;
  const raw = await client.me.profile.retrieve().asResponse();
  expect([raw.status, ((await raw.json()) as { username: string }).username]).toEqual([200, "tester"]);
  const { data, response } = await client.me.profile.retrieve().withResponse();
  expect([data.username, response.status]).toEqual(["tester", 200]);
  const id = await town.val("raw");
  expect(await client.get(`/v2/vals/${id}`)).toMatchObject({ id });
  const variable = { body: { key: "RAW", value: "1" } };
  expect(await client.post(`/v2/vals/${id}/environment_variables`, variable)).toMatchObject({ key: "RAW" });
  const gone = await client.vals.delete(id).asResponse();
  expect([gone.status, await gone.text()]).toEqual([204, ""]);
});
