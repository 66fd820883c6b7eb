import { expect } from "bun:test";
import { join } from "node:path";
import { changes, snapshot } from "../folder.ts";
import type { Outside } from "../stage.ts";

/** It really is of that kind; and what was built, for it and for others, is on disk as before. */
export const poisonItsOwnOverlay: Outside = async (stage, val) => {
  const { data } = stage.hamlet;
  const builds = await (await stage.hamlet.api(`/v3/vals/${val.id}/builds`)).json();
  expect(builds).toMatchObject({ data: [{ serving: { level: 2 } }] });
  await (await stage.hamlet.fetch(val)).text();
  const own = [...snapshot(join(data, "artifacts"))];
  const outcomes = await stage.attack(val);
  const now = snapshot(join(data, "artifacts"));
  // Others are built meanwhile, and none of theirs is removed.
  expect(
    changes(new Map(own), new Map([...now].filter(([path]) => own.some(([known]) => known === path)))),
  ).toEqual([]);
  return outcomes;
};
