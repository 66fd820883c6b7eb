import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** Every request gets an answer soon, if only an error; after a save without the breakage the val works again. */
export const breakPatchedBuiltins: Outside = async (stage, val) => {
  const { hamlet } = stage;
  const names = (await (await hamlet.fetch(val, "/list")).json()) as string[];
  expect(names.length).toBeGreaterThan(15);
  const source = await (
    await hamlet.api(`/v2/vals/${val.id}/files/content?path=main.http.ts`, { method: "GET" })
  ).text();
  for (const name of names) {
    // Another content, another worker: one breakage at a time.
    await hamlet.save(val, `${source}\n// ${name}\n`);
    for (const path of [`/${name}`, "/", "/"]) {
      const answer = await hamlet.fetch(val, path, { signal: AbortSignal.timeout(30_000) });
      const text = await answer.text();
      expect(`${name}${path}: ${answer.status}`).toMatch(/: (200|500|502)$/);
      // Deno's own words, when not even the guest's error could be answered.
      const told = answer.headers.has("x-hamlet-error") || text === "Internal Server Error";
      expect(answer.status === 200 || told).toBe(true);
      expect(text).not.toMatch(/[0-9a-f]{32} \{"kind"/);
    }
  }
  await hamlet.save(val, 'export default () => new Response("repaired");\n');
  expect(await (await hamlet.fetch(val)).text()).toBe("repaired");
};
