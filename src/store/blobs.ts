import type { Kysely, Transaction } from "kysely";
import type { TownSchema } from "./schema.ts";

/** Where a blob is found. */
export interface BlobPlace {
  readonly kind: "user" | "val";
  /** Of the user or the val. */
  readonly id: string;
  readonly key: string;
}

/** What is known of a blob; its bytes lie elsewhere, under the name `object`. */
export interface BlobRow {
  readonly key: string;
  readonly object: string;
  readonly size: number;
  /** Of all bytes, hex. */
  readonly sha256: string;
  readonly contentType: string | null;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** What a change has led to: objects that nothing refers to any more, to be removed and then forgotten. */
export interface BlobChange {
  readonly unused: string[];
}

/** Whose bytes they are, and how many there may be of them in all. */
export interface BlobAccount {
  readonly ownerId: string;
  readonly quota: number;
}

/**
 * The directory of blobs. Each object that is not (or not yet, or no more) a blob's is on record as a leftover, so that
 * none is lost sight of whenever the process dies.
 */
export interface BlobRows {
  find(place: BlobPlace): Promise<BlobRow | undefined>;
  /** Those whose key begins with `prefix`, in the order of the keys' UTF-8 bytes. */
  list(scope: Omit<BlobPlace, "key">, prefix: string): Promise<BlobRow[]>;
  /** Bytes of all blobs of an owner. */
  usage(ownerId: string): Promise<number>;
  /** Put names on record under which objects are going to be written. */
  reserve(objects: readonly string[]): Promise<void>;
  /** Take removed objects off the record. */
  forget(objects: readonly string[]): Promise<void>;
  /** Make `blob` the one at its place. Undefined when that would exceed the quota: nothing is changed then. */
  put(
    scope: Omit<BlobPlace, "key">,
    blob: Omit<BlobRow, "modifiedAt">,
    account: BlobAccount,
  ): Promise<BlobChange | undefined>;
  /** Let another key of the same scope have the same object. `no_blob` or `quota`: nothing is changed then. */
  copy(from: BlobPlace, to: string, account: BlobAccount): Promise<BlobChange | "no_blob" | "quota">;
  /** Undefined when there is none. */
  move(from: BlobPlace, to: string): Promise<BlobChange | undefined>;
  /** Undefined when there is none. */
  remove(place: BlobPlace): Promise<BlobChange | undefined>;
  removeScope(scope: Omit<BlobPlace, "key">): Promise<BlobChange>;
  /** Remove the blobs of vals and users that are gone; then tell every leftover. */
  leftovers(): Promise<string[]>;
}

export function createBlobRows(db: Kysely<TownSchema>, now: () => number): BlobRows {
  const within = <T>(work: (trx: Transaction<TownSchema>) => Promise<T>) => db.transaction().execute(work);
  return {
    find: (place) => findBlob(db, place),
    list: (scope, prefix) => listBlobs(db, scope, prefix),
    usage: (ownerId) => usageOf(db, ownerId),
    async reserve(objects) {
      await db
        .insertInto("blob_leftovers")
        .values(objects.map((object) => ({ object })))
        .execute();
    },
    async forget(objects) {
      await within(async (trx) => {
        for (const object of objects)
          await trx.deleteFrom("blob_leftovers").where("object", "=", object).execute();
      });
    },
    put: (scope, blob, account) =>
      within((trx) => putBlob(trx, { kind: scope.kind, id: scope.id, key: blob.key }, blob, account, now())),
    copy: (from, to, account) =>
      within(async (trx) => {
        const blob = await findBlob(trx, from);
        if (blob === undefined) return "no_blob";
        if (from.key === to) return { unused: [] };
        return (await putBlob(trx, { ...from, key: to }, blob, account, now())) ?? "quota";
      }),
    move: (from, to) => within((trx) => moveBlob(trx, from, to, now())),
    remove: (place) => within((trx) => removeBlob(trx, place)),
    removeScope: (scope) => within((trx) => removeScope(trx, scope)),
    leftovers: () => within(collectLeftovers),
  };
}

type Reader = Pick<Kysely<TownSchema>, "selectFrom">;

/** Whether a row is at this place. */
function at(place: BlobPlace) {
  return { scope_kind: place.kind, scope_id: place.id, key: place.key };
}

function selectBlobs(db: Reader) {
  return db
    .selectFrom("blobs")
    .select(["key", "object", "size", "sha256", "content_type as contentType", "modified_at as modifiedAt"]);
}

function findBlob(db: Reader, place: BlobPlace): Promise<BlobRow | undefined> {
  return selectBlobs(db)
    .where((where) => where.and(at(place)))
    .executeTakeFirst();
}

function listBlobs(db: Reader, scope: Omit<BlobPlace, "key">, prefix: string): Promise<BlobRow[]> {
  let query = selectBlobs(db)
    .where("scope_kind", "=", scope.kind)
    .where("scope_id", "=", scope.id)
    .where("key", ">=", prefix);
  const end = firstBeyond(prefix);
  if (end !== undefined) query = query.where("key", "<", end);
  return query.orderBy("key").execute();
}

/**
 * The least string that is greater than all that begin with `prefix`, in the order of code points, which is that of
 * UTF-8 bytes; undefined when there is none.
 */
function firstBeyond(prefix: string): string | undefined {
  const points = Array.from(prefix, (one) => one.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // Surrogates are no characters: the next one after U+D7FF is U+E000.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

async function usageOf(db: Reader, ownerId: string): Promise<number> {
  const row = await db
    .selectFrom("blobs")
    .select((f) => f.fn.sum<number | null>("size").as("bytes"))
    .where("owner_id", "=", ownerId)
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}

async function putBlob(
  trx: Transaction<TownSchema>,
  place: BlobPlace,
  blob: Omit<BlobRow, "modifiedAt">,
  { ownerId: asked, quota }: BlobAccount,
  time: number,
): Promise<BlobChange | undefined> {
  const replaced = await findBlob(trx, place);
  // Its val may have been given to another account while the bytes came in.
  const val = trx.selectFrom("vals").select("user_id").where("id", "=", place.id);
  const ownerId = (place.kind === "val" && (await val.executeTakeFirst())?.user_id) || asked;
  const used = (await usageOf(trx, ownerId)) - (replaced?.size ?? 0) + blob.size;
  if (used > quota) return undefined;
  const values = {
    owner_id: ownerId,
    object: blob.object,
    size: blob.size,
    sha256: blob.sha256,
    content_type: blob.contentType,
    modified_at: time,
  };
  await trx
    .insertInto("blobs")
    .values({ ...at(place), ...values })
    .onConflict((conflict) => conflict.columns(["scope_kind", "scope_id", "key"]).doUpdateSet(values))
    .execute();
  await trx.deleteFrom("blob_leftovers").where("object", "=", blob.object).execute();
  return { unused: await leave(trx, replaced) };
}

async function moveBlob(
  trx: Transaction<TownSchema>,
  from: BlobPlace,
  to: string,
  time: number,
): Promise<BlobChange | undefined> {
  if ((await findBlob(trx, from)) === undefined) return undefined;
  if (from.key === to) return { unused: [] };
  const change = await removeBlob(trx, { ...from, key: to });
  await trx
    .updateTable("blobs")
    .set({ key: to, modified_at: time })
    .where((where) => where.and(at(from)))
    .execute();
  return change ?? { unused: [] };
}

async function removeBlob(trx: Transaction<TownSchema>, place: BlobPlace): Promise<BlobChange | undefined> {
  const blob = await findBlob(trx, place);
  if (blob === undefined) return undefined;
  await trx
    .deleteFrom("blobs")
    .where((where) => where.and(at(place)))
    .execute();
  return { unused: await leave(trx, blob) };
}

/** A row that named this object is gone: the object is a leftover now, unless a copy has it too. */
async function leave(trx: Transaction<TownSchema>, blob: BlobRow | undefined): Promise<string[]> {
  if (blob === undefined) return [];
  const { object } = blob;
  const other = await trx.selectFrom("blobs").select("key").where("object", "=", object).executeTakeFirst();
  if (other !== undefined) return [];
  await trx.insertInto("blob_leftovers").values({ object }).execute();
  return [object];
}

async function removeScope(trx: Transaction<TownSchema>, scope: Omit<BlobPlace, "key">): Promise<BlobChange> {
  const rows = await trx
    .selectFrom("blobs")
    .select("object")
    .distinct()
    .where("scope_kind", "=", scope.kind)
    .where("scope_id", "=", scope.id)
    .execute();
  await trx
    .deleteFrom("blobs")
    .where("scope_kind", "=", scope.kind)
    .where("scope_id", "=", scope.id)
    .execute();
  // Copies stay within a scope, so that no other row can have these objects.
  for (const { object } of rows) await trx.insertInto("blob_leftovers").values({ object }).execute();
  return { unused: rows.map(({ object }) => object) };
}

async function collectLeftovers(trx: Transaction<TownSchema>): Promise<string[]> {
  const lost = await trx
    .selectFrom("blobs")
    .leftJoin("vals", "vals.id", "blobs.scope_id")
    .leftJoin("users", "users.id", "blobs.scope_id")
    .select(["scope_kind as kind", "scope_id as id"])
    .distinct()
    .where("vals.id", "is", null)
    .where("users.id", "is", null)
    .execute();
  for (const scope of lost) await removeScope(trx, scope);
  const rows = await trx.selectFrom("blob_leftovers").select("object").execute();
  return rows.map(({ object }) => object);
}
