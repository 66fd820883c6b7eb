import { expect, test } from "bun:test";
import { failureOf, makeStore } from "../../test/support/store.ts";

test("a val can be renamed a hundred times, for it keeps what it was called", async () => {
  await using t = await makeStore();
  const { vals, files } = t.store;
  await files.create({ valId: t.valId }, { path: "main.ts", type: "http", content: "" });
  for (let i = 1; i <= 100; i++) await vals.change(t.valId, { name: `n${i}` });
  expect((await vals.findByAnyName("ann", "hello"))?.name).toBe("n100");
  expect(await failureOf(vals.change(t.valId, { name: "more" }))).toBe("too_many_names");
  const org = await t.store.orgs.create({ username: "acme", ownerId: t.userId });
  expect(await failureOf(vals.transfer(t.valId, org.id))).toBe("too_many_names");
  expect(await vals.find(t.valId)).toMatchObject({ name: "n100", username: "ann" });
  await vals.change(t.valId, { description: "still to be changed" });
});

test("names that differ in case alone are two names with one host", async () => {
  await using t = await makeStore();
  const { vals, files, deployments } = t.store;
  await files.create({ valId: t.valId }, { path: "main.ts", type: "http", content: "" });
  await vals.change(t.valId, { name: "Hello" });
  expect((await vals.findByAnyName("ann", "hello"))?.name).toBe("Hello");
  expect((await deployments.resolve("ann-hello"))?.valId).toBe(t.valId);
  const branch = await vals.branch(t.valId);
  const at = { valId: t.valId, branchId: branch!.id };
  expect((await files.list(at, { path: "", recursive: true, limit: 1, offset: 0 })).rows[0]?.labels[0]).toBe(
    "ann-hello",
  );
});
