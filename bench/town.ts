/** A data folder of a town that has been lived in, written straight into its databases. */
import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { openStore } from "../src/store/store.ts";

const USERS = 100;
const VALS = 10_000;
const VERSIONS = 100_000;
/** Vals with very many versions or files, and how many. */
const LONG = { vals: 9, versions: 5_000 };
const BROAD = { vals: 9, files: 1_000 };
const BLOBS = 1_000;

export interface BigTown {
  /** The token of the first user, to whom the long and the broad vals belong too. */
  readonly token: string;
  readonly username: string;
  readonly userIds: readonly string[];
  readonly vals: readonly BigVal[];
  readonly versions: number;
}

export interface BigVal {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly branchId: string;
  readonly fileId: string;
  readonly path: string;
  readonly version: number;
}

/** Seed an empty data folder: 100 users, 10,000 vals, 100,000 versions, a few vals with very much of something. */
export async function seedTown(folder: string): Promise<BigTown> {
  const store = await openStore({ folder });
  const users: { id: string; username: string }[] = [];
  for (let i = 0; i < USERS; i++) users.push(await store.users.create({ username: `user${i}` }));
  const { token } = await store.tokens.create({ userId: users[0]!.id });
  await store.close();
  const db = new Database(join(folder, "hamlet.db"), { strict: true });
  db.run("pragma synchronous = off");
  const writer = new Writer(db);
  const vals = db.transaction(() => seedVals(writer, users))();
  db.transaction(() => {
    for (let i = 0; i < BLOBS; i++) writer.blob(users[0]!.id, `key/${i % 100}/${i}`);
  })();
  const [versions] = db.query("select count(*) from versions").values()[0] as [number];
  db.close();
  // What was saved must be found: a server that still indexes it is not the one to be measured.
  const indexed = await openStore({ folder });
  await indexed.search.settled();
  await indexed.close();
  return { token, username: users[0]!.username, userIds: users.map(({ id }) => id), vals, versions };
}

function seedVals(writer: Writer, users: readonly { id: string; username: string }[]): BigVal[] {
  const each = Math.floor((VERSIONS - LONG.vals * LONG.versions) / (VALS - LONG.vals));
  return Array.from({ length: VALS }, (_, i) => {
    const isLong = i < LONG.vals;
    const isBroad = !isLong && i < LONG.vals + BROAD.vals;
    const user = users[isLong || isBroad ? 0 : i % USERS]!;
    const privacy = (["public", "public", "unlisted", "private"] as const)[i % 4]!;
    const val = writer.val({ user, name: `val${i}`, privacy, at: 1.7e12 + i * 60_000 });
    const files = isBroad ? BROAD.files : 3;
    for (let f = 0; f < files; f++) writer.file(val, isBroad ? `dir${f % 10}/file${f}.ts` : `file${f}.ts`);
    writer.version(val, 1, files);
    const versions = isLong ? LONG.versions : each;
    for (let v = 2; v < versions; v++) writer.change(val, v, v % files);
    writer.end(val);
    const path = writer.paths(val)[0]!;
    const { id, branchId, name, version, fileIds } = val;
    return { id, name, username: user.username, branchId, fileId: fileIds[0]!, path, version };
  });
}

interface Draft {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly branchId: string;
  readonly at: number;
  readonly fileIds: string[];
  readonly filePaths: string[];
  version: number;
}

/** The rows that an edit makes, without what it checks. */
class Writer {
  readonly #run: (sql: string, ...values: (string | number | null)[]) => void;
  #text = 0;

  constructor(db: Database) {
    this.#run = (sql, ...values) => {
      db.query(sql).run(...values);
    };
  }

  val(made: { user: { id: string }; name: string; privacy: string; at: number }): Draft {
    const { user, name, privacy, at } = made;
    const [id, branchId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
    this.#run(
      "insert into vals (id, user_id, name, privacy, created_at) values (?, ?, ?, ?, ?)",
      ...[id, user.id, name, privacy, at],
    );
    this.#run(
      "insert into branches (id, val_id, name, version, created_at, updated_at) values (?, ?, 'main', 0, ?, ?)",
      ...[branchId, id, at, at],
    );
    const draft = { id, name, userId: user.id, branchId, at, fileIds: [], filePaths: [], version: 0 };
    this.version(draft, 0, 0);
    return draft;
  }

  file(val: Draft, path: string): void {
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    if (parent !== "" && !val.filePaths.includes(parent)) this.#insert(val, parent, "", "directory", null);
    this.#insert(val, path, parent, "script", this.#newText());
  }

  version(val: Draft, version: number, changes: number): void {
    val.version = version;
    this.#run(
      "insert into versions (branch_id, version, author_id, created_at, kind, changes) values (?, ?, ?, ?, ?, ?)",
      ...[val.branchId, version, val.userId, val.at + version, version === 0 ? "create" : "edit", changes],
    );
  }

  /** One file gets another text. */
  change(val: Draft, version: number, index: number): void {
    const [id, path] = [val.fileIds[index]!, val.filePaths[index]!];
    const hash = this.#newText();
    this.#run("update files set text_hash = ?, version = ? where id = ?", hash, version, id);
    this.#revise(val, { id, path, parent: "", type: "script", hash, version });
    this.version(val, version, 1);
  }

  end(val: Draft): void {
    this.#run("update branches set version = ? where id = ?", val.version, val.branchId);
  }

  paths(val: Draft): string[] {
    return val.filePaths.filter((path) => path.endsWith(".ts"));
  }

  blob(userId: string, key: string): void {
    this.#run(
      "insert into blobs (scope_kind, scope_id, key, owner_id, object, size, sha256, modified_at) values ('user', ?, ?, ?, ?, 10, '', 1)",
      ...[userId, key, userId, key],
    );
  }

  #insert(val: Draft, path: string, parent: string, type: string, hash: string | null): void {
    const id = Bun.randomUUIDv7();
    this.#run(
      `insert into files (id, val_id, branch_id, lineage, path, parent, type, text_hash, version, deleted, created_at,
       updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, ?, ?)`,
      ...[id, val.id, val.branchId, id, path, parent, type, hash, val.at, val.at],
    );
    this.#revise(val, { id, path, parent, type, hash, version: 1 });
    val.fileIds.push(id);
    val.filePaths.push(path);
  }

  #revise(
    val: Draft,
    row: { id: string; path: string; parent: string; type: string; hash: string | null; version: number },
  ): void {
    this.#run(
      `insert into file_revisions (file_id, version, branch_id, path, parent, type, text_hash, deleted, updated_at)
       values (?, ?, ?, ?, ?, ?, ?, 0, ?)`,
      ...[row.id, row.version, val.branchId, row.path, row.parent, row.type, row.hash, val.at + row.version],
    );
  }

  #newText(): string {
    const content = `export const n = ${this.#text++};\n// ${"x".repeat(this.#text % 500)}\n`;
    const hash = createHash("sha256").update(content).digest("hex");
    this.#run("insert into texts (hash, content) values (?, ?)", hash, content);
    return hash;
  }
}
