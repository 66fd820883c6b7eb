import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { migrate, TOWN_MIGRATIONS } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore } from "./store.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const step = (table: string) => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema.createTable(table).addColumn("a", "text").execute();
  },
});

test("several may open a new folder at the same moment", () =>
  inFolder(async (folder) => {
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ folder })));
    const [first, second, third] = stores;
    const { id } = await first!.users.create({ username: "ann" });
    expect(await second!.users.find(id)).toEqual(await third!.users.find(id));
    for (const store of stores) await store.close();
  }));

test("a migration that fails leaves nothing of itself, and can be tried again", () =>
  inFolder(async (folder) => {
    const { db, close } = await openSqlite({ file: join(folder, "a.db"), durability: "full" });
    const broken = async (database: Kysely<unknown>) => {
      await step("two").up(database);
      throw new Error("half way");
    };
    const failed = migrate(db, { "0001-a": step("one"), "0002-b": { up: broken } });
    expect(await failed.catch((error: Error) => error.message)).toContain("half way");
    expect((await db.introspection.getTables()).map((table) => table.name)).not.toContain("two");
    await migrate(db, { "0001-a": step("one"), "0002-b": step("two") });
    expect((await db.introspection.getTables()).map((table) => table.name).sort()).toEqual(["one", "two"]);
    await close();
  }));

test("a folder of a newer Hamlet is refused, not damaged", () =>
  inFolder(async (folder) => {
    const { db, close } = await openSqlite({ file: join(folder, "hamlet.db"), durability: "full" });
    await migrate(db, { ...TOWN_MIGRATIONS, "9999-future": step("future") });
    const refused = await migrate(db, TOWN_MIGRATIONS).catch((error: Error) => error.message);
    expect(refused).toContain("9999-future");
    expect((await db.introspection.getTables()).map((table) => table.name)).toContain("future");
    await close();
  }));

test("a process that cannot open a folder ends by itself: no thread is left running", () =>
  inFolder(async (folder) => {
    await Bun.write(join(folder, "telemetry.db"), "no database ".repeat(1000));
    const script = `import { openStore } from ${JSON.stringify(join(import.meta.dir, "store.ts"))};
      await openStore({ folder: ${JSON.stringify(folder)} }).catch((error) => console.log(error.code));`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    expect([await child.stdout.text(), await child.exited]).toEqual(["SQLITE_NOTADB\n", 0]);
  }));
