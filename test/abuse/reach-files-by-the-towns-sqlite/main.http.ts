// Has the town's own SQLite open files, attach databases and load code, over the way that client libraries take.
import { anyOf, ask, attack, need, type Town } from "./attempt.ts";

const json = (body: unknown) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});
const run = (sql: string, scope = "/v3/vals/self/sqlite") =>
  ask(`${scope}/execute`, json({ statement: sql }));
type Result = { type: string; response?: { result?: unknown }; error?: { message: string } };
async function pipe(requests: unknown[], scope = "/v3/vals/self/sqlite", baton: string | null = null) {
  const text = await ask(`${scope}/v3/pipeline`, json({ baton, requests }));
  return JSON.parse(text) as { baton: string | null; results: Result[] };
}
async function sequence(sql: string): Promise<string> {
  const { results } = await pipe([
    { type: "sequence", sql },
    { type: "execute", stmt: { sql: "select 1" } },
  ]);
  if (results[0]?.type === "error") throw new Error(results[0].error?.message);
  return JSON.stringify(results);
}
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const databases = (town: Town) => [
  town.files.database,
  `${town.data}/hamlet.db`,
  `${town.data}/sqlite/${town.victim.valId}.db`,
  `${town.data}/sqlite/val/${town.victim.valId}.db`,
  `file:${town.data}/hamlet.db?mode=ro`,
  ":memory:",
  "",
];
const statements = (path: string) => [
  `attach ${quoted(path)} as other`,
  `/* */ aTTach database ${quoted(path)} as other`,
  `select 1; attach ${quoted(path)} as other`,
  `explain attach ${quoted(path)} as other`,
  `vacuum into ${quoted(`${path}.copy`)}`,
  `select readfile(${quoted(path)})`,
  `select writefile(${quoted(path)}, 'x')`,
  `select load_extension(${quoted(path)})`,
  `create virtual table t using csv(filename=${quoted(path)})`,
  `create virtual table t using fsdir(${quoted(path)})`,
  `pragma temp_store_directory = ${quoted(path)}`,
  `pragma data_store_directory = ${quoted(path)}`,
];

export default attack({
  "one statement": (town) => anyOf(databases(town).flatMap(statements), (sql) => run(sql)),
  "one statement, in the account's database": (town) =>
    anyOf(databases(town).flatMap(statements), (sql) => run(sql, "/v1/sqlite")),
  "a script": (town) => anyOf(databases(town).flatMap(statements), sequence),
  "within a trigger or a view": (town) =>
    anyOf(
      [
        `create view v as select load_extension(${quoted(town.files.module)}); select * from v`,
        `create table a (x); create trigger t after insert on a begin select writefile(${quoted(town.files.text)}, 'x'); end; insert into a values (1)`,
        `create table b (x default (load_extension(${quoted(town.files.module)}))); insert into b default values`,
      ],
      sequence,
    ),
  "settings that are not its own": () =>
    anyOf(
      [
        "pragma writable_schema = on",
        "pragma trusted_schema = on",
        "pragma max_page_count = 999999999",
        "pragma journal_mode = off",
        "pragma mmap_size = 999999999",
        "pragma locking_mode = exclusive",
      ],
      async (sql) => {
        const name = /pragma (\w+) =/.exec(sql)![1];
        const before = await run(`pragma ${name}`);
        await run(sql);
        const after = await run(`pragma ${name}`);
        return need(after !== before && after, "as it was");
      },
    ),
  "a list of databases that tells where they are": async (town) => {
    const text = await anyOf(
      ["pragma database_list", "select * from pragma_database_list", "select file from pragma_database_list"],
      (sql) => run(sql),
    );
    return need(text.includes(town.data) && text, `nothing in ${text}`);
  },
  "another scope's stream": async () => {
    const { baton } = await pipe([{ type: "execute", stmt: { sql: "begin" } }]);
    const { results } = await pipe([{ type: "get_autocommit" }], "/v3/sqlite", need(baton, "no baton"));
    return results;
  },
  "a stream that is nobody's": () =>
    anyOf(["", "0", "1", "null", "__proto__", "../1", "AAAA", `${"A".repeat(4000)}`], async (baton) => {
      const { results } = await pipe([{ type: "get_autocommit" }], "/v3/vals/self/sqlite", baton);
      return need(baton !== "" && results, "an empty one is none");
    }),
});
