/** Who sees and changes what, for every route: four people, three privacies. The rows are in test/privacy/. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ACCESS } from "../src/api/contract/access.ts";
import { PRIVACIES } from "../src/val/visibility.ts";
import { ACCOUNT_ROWS } from "./privacy/rows-accounts.ts";
import { RUNNING_ROWS } from "./privacy/rows-running.ts";
import { TOWN_ROWS } from "./privacy/rows-town.ts";
import { VAL_ROWS } from "./privacy/rows-vals.ts";
import { makeStage, SECRET, type Stage, UNKNOWN, UNLISTED } from "./privacy/stage.ts";
import { type More, type Names, VIEWERS, type Viewer } from "./privacy/types.ts";

let stage: Stage;
let unique = 0;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

// First, as long as strangers have no copies of what is unlisted, which they may find.
describe("of accounts and of the town", () => {
  test.each([...ACCOUNT_ROWS, ...TOWN_ROWS])("%s: %s", async (route, wanted, more = {}) => {
    const statuses: number[] = [];
    for (const viewer of VIEWERS) {
      const made = await more.make?.(stage, stage.names);
      const names = { ...stage.names, unique: `x${++unique}`, none: "none.example.com", ...made };
      statuses.push(await ask(viewer, route, more, names));
    }
    expect(statuses.join(" ")).toBe(wanted);
  });
});

describe("of a val", () => {
  test.each([...VAL_ROWS, ...RUNNING_ROWS])(
    "%s: %s, %s, %s",
    async (route, pub, unlisted, priv, more = {}) => {
      const wanted = { public: pub, unlisted, private: priv };
      for (const privacy of PRIVACIES) {
        const statuses: number[] = [];
        for (const viewer of VIEWERS) {
          const may = viewer === "owner" || viewer === "member";
          const val = may && more.fresh ? await stage.fresh(privacy) : stage.val(privacy);
          const made = may ? await more.make?.(stage, val) : undefined;
          statuses.push(await ask(viewer, route, more, { ...stage.names, ...val, ...made }));
          if (!may && privacy === "private") await expectNoOracle(viewer, route, more, val);
        }
        expect(`${privacy}: ${statuses.join(" ")}`).toBe(`${privacy}: ${wanted[privacy]}`);
      }
    },
  );
});

test("every route has its row, and every row its route", () => {
  const rows = [...VAL_ROWS, ...RUNNING_ROWS, ...ACCOUNT_ROWS, ...TOWN_ROWS].map(([route]) => shapeOf(route));
  const shown = Object.keys(ACCESS).filter((name) => !ACCESS[name]!.hidden);
  expect(rows.sort()).toEqual(shown.map(shapeOf).sort());
});

/** Names of parts do not matter, nor which of them is given. */
function shapeOf(route: string): string {
  return route.replace("sqlite/v3/", "sqlite/{version}/").replace(/\{\w+\}/g, "{}");
}

/** Asks, and holds what strangers are told against what they may know. */
async function ask(viewer: Viewer, route: string, more: More, names: Names): Promise<number> {
  const { status, text, headers } = await stage.ask(viewer, route, more, names);
  if (viewer === "owner" || viewer === "member") return status;
  const told = `${route} as ${viewer}: ${status} ${headers}\n${text}`;
  expect(told.replace(/"self":"[^"]*"/g, "")).not.toMatch(SECRET);
  if (!/val_|file_/.test(route)) expect(told).not.toMatch(UNLISTED);
  if (status >= 400) await expectUnchanged(() => stage.ask(viewer, route, more, names));
  return status;
}

/** Not a byte is written for a request that is refused. */
async function expectUnchanged(again: () => Promise<unknown>): Promise<void> {
  // Now and then it is noted when a token was used.
  for (let attempt = 1; ; attempt++) {
    await stage.quiet();
    const before = stage.state();
    await again();
    const isChanged = stage.state() !== before;
    if (!isChanged || attempt === 3) return expect(isChanged).toBe(false);
  }
}

/** What may not be seen is answered as what is not there, to the letter. */
async function expectNoOracle(viewer: Viewer, route: string, more: More, val: Names): Promise<void> {
  const nothing = Object.fromEntries(
    Object.keys(val).map((name) => [name, name === "trace_id" ? "f".repeat(32) : UNKNOWN]),
  );
  const [there, gone] = [
    await stage.ask(viewer, route, more, { ...stage.names, ...val }),
    await stage.ask(viewer, route, more, { ...stage.names, ...nothing }),
  ];
  const neutral = (text: string) =>
    Object.entries(val).reduce((said, [name, value]) => said.replaceAll(value, nothing[name]!), text);
  expect(neutral(`${there.status} ${there.headers} ${there.text}`)).toBe(
    `${gone.status} ${gone.headers} ${gone.text}`,
  );
}
