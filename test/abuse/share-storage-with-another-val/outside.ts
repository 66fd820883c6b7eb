import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** What one val leaves, another one does not find, nor does the same val's next worker. */
export const shareStorageWithAnotherVal: Outside = async ({ hamlet }, val) => {
  const content = await hamlet.api(`/v2/vals/${val.id}/files/content?path=main.http.ts`, { method: "GET" });
  const source = await content.text();
  const other = await hamlet.val("share-storage-accomplice", source);
  const message = `message-${crypto.randomUUID()}`;
  const left = await (await hamlet.fetch(val, `/?leave=${message}`)).text();
  // The attack has teeth only if something could be left somewhere.
  expect(left).toContain('"scratch":"undefined"');
  expect(await (await hamlet.fetch(other)).text()).not.toContain(message);
  await hamlet.save(val, `${source}\n// another worker\n`);
  expect(await (await hamlet.fetch(val)).text()).not.toContain(message);
};
