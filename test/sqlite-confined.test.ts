/** Database processes behind the walls that the machine has: as quick, as bounded, and with nothing else to see. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { ConfinedProgram } from "../src/sandbox/types.ts";
import type { TestSandbox } from "./support/guest.ts";
import { CLOSE, codeOf, pipeline, run, type SqliteTown, startSqlite } from "./support/sqlite.ts";
import { startWalls } from "./support/walls.ts";

const MB = 2 ** 20;
const programs: ConfinedProgram[] = [];
let walls: TestSandbox;
let town: SqliteTown;

beforeAll(async () => {
  walls = await startWalls({ mode: "auto" });
  town = startSqlite({
    timeLimitMs: 2000,
    start(options) {
      const program = walls.sandbox.program(options);
      programs.push(program);
      return program;
    },
  });
});

afterAll(async () => {
  await town.close();
  await walls[Symbol.asyncDispose]();
});

const at = { kind: "val", id: "confined" } as const;

test("statements, transactions and blobs work as they do without walls", async () => {
  await town.service.execute(at, "create table t (id integer primary key, b blob)");
  const { baton } = await pipeline(town, at.id, [
    run("begin immediate"),
    run("insert into t (b) values (x'01')"),
  ]);
  await pipeline(town, at.id, [run("commit"), CLOSE], baton);
  const large = { sql: "insert into t (b) values (?) returning length(b)", args: [new Uint8Array(9 * MB)] };
  expect((await town.service.execute(at, large)).rows).toEqual([[9 * MB]]);
  expect(statSync(join(town.folder, "val/confined.db")).size).toBeGreaterThan(0);
  expect(programs.length).toBe(1);
});

test("more memory than there may be is an error of the statement, not the end of the process", async () => {
  const greedy =
    "with recursive c(x) as (values(1) union all select x + 1 from c) select count(*) from (select x, hex(randomblob(4000)) as h from c order by h)";
  const code = await codeOf(town.service.execute(at, greedy));
  expect(["SQLITE_NOMEM", "SQLITE_INTERRUPT"]).toContain(code ?? "");
  expect((await town.service.execute(at, "select count(*) from t")).rows).toEqual([[2]]);
});

test("a statement without end is ended, with the whole tree of its process", async () => {
  const endless = "with recursive c(x) as (values(1) union all select x + 1 from c) select count(*) from c";
  expect(await codeOf(town.service.execute(at, endless))).toBe("SQLITE_INTERRUPT");
  expect((await town.service.execute(at, "select count(*) from t")).rows).toEqual([[2]]);
  expect(town.told).toEqual([]);
});

test("closing leaves none of them", async () => {
  await town.service.close();
  await Promise.all(programs.map(({ exited }) => exited));
  expect(programs.map((program) => program.usage())).toEqual(programs.map(() => undefined));
});
