// Lets SQLite, which opens files itself, open the host's.
import { backup, DatabaseSync } from "node:sqlite";
import { attack } from "./attempt.ts";

const readCanary = (database: DatabaseSync, schema = "main") =>
  database.prepare(`SELECT * FROM ${schema}.canary`).all();

export default attack({
  "as a database": (town) => readCanary(new DatabaseSync(town.files.database)),
  "as a read-only database": (town) => readCanary(new DatabaseSync(town.files.database, { readOnly: true })),
  "as a URI": (town) =>
    readCanary(new DatabaseSync(new URL(`file://${town.files.database}?mode=ro&immutable=1`))),
  ATTACH: (town) => {
    const database = new DatabaseSync(":memory:");
    database.exec(`ATTACH DATABASE '${town.files.database}' AS loot`);
    return readCanary(database, "loot");
  },
  "ATTACH in a prepared statement": (town) => {
    const database = new DatabaseSync(":memory:");
    database.prepare("ATTACH DATABASE ? AS loot").run(town.files.database);
    return readCanary(database, "loot");
  },
  "ATTACH by a URI": (town) => {
    const database = new DatabaseSync("file::memory:");
    database.exec(`ATTACH DATABASE 'file:${town.files.database}?mode=ro' AS loot`);
    return readCanary(database, "loot");
  },
  "VACUUM INTO": (town) => {
    const database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE planted (x)");
    database.exec(`VACUUM INTO '${town.folder}/vacuumed.db'`);
  },
  backup: async (town) => {
    await backup(new DatabaseSync(":memory:"), `${town.folder}/backup.db`);
  },
  "its temporary files": (town) => {
    const database = new DatabaseSync(":memory:");
    database.exec(`PRAGMA temp_store_directory = '${town.folder}'; PRAGMA temp_store = FILE;`);
    database.exec(
      "CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 200000) SELECT i, hex(randomblob(50)) FROM n",
    );
    throw new Error("written somewhere; the test looks where");
  },
  "an extension": (town) => {
    const database = new DatabaseSync(":memory:", { allowExtension: true });
    database.loadExtension(town.files.database);
  },
});
