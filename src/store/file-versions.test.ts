import { expect, test } from "bun:test";
import { makeRandom, makeStore } from "../../test/support/store.ts";
import { StoreError } from "./store.ts";

const STEPS = 250;
const NAMES = ["a", "b", "c", "d"];

test("every version reads as it was when it was the newest: whole, by folder and by path, whatever came, moved and went", async () => {
  await using t = await makeStore();
  const { files } = t.store;
  const at = { valId: t.valId, branchId: t.branchId };
  const random = makeRandom(4);
  const pick = () => NAMES[random(NAMES.length)]!;
  const pickPath = () => (random(2) ? pick() : `${pick()}/${pick()}`);
  const all = { path: "", recursive: true, limit: 100, offset: 0 };
  const change = () => {
    const path = pickPath();
    const kind = random(5);
    if (kind === 0) return files.remove(at, path, true);
    if (kind === 1) return files.update(at, path, { name: pick(), parentPath: random(2) ? pick() : "" });
    if (kind === 2) return files.update(at, path, { content: String(random(3)) });
    return files.create(at, { path, type: "script", content: String(random(3)) });
  };

  const states = [(await files.list(at, all)).rows];
  for (let step = 0; step < STEPS; step++) {
    const saved = await change().catch((error) => {
      if (!(error instanceof StoreError)) throw error;
    });
    if (saved?.changed) states.push((await files.list(at, all)).rows);
  }
  expect(states.length).toBeGreaterThan(40);

  for (const [version, state] of states.entries()) {
    const then = { ...at, version };
    expect((await files.list(then, all)).rows).toEqual(state);
    expect((await files.sources(then)).files.map((file) => file.path)).toEqual(
      state.filter((file) => file.type !== "directory").map((file) => file.path),
    );
    for (const name of NAMES) {
      for (const path of [name, ...NAMES.map((inner) => `${name}/${inner}`)]) {
        expect(await files.at(then, path)).toEqual(state.find((file) => file.path === path));
      }
    }
    const top = (await files.list(then, { ...all, recursive: false })).rows;
    expect(top).toEqual(state.filter((file) => !file.path.includes("/")));
  }
});
