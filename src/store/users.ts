import type { Kysely, Selectable, Transaction } from "kysely";
import { usernameProblem } from "../val/name.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema, UserTable } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";
import { type Page, toPage } from "./vals.ts";

/** A person or an organisation. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly type: "user" | "org";
  readonly email: string | null;
  readonly bio: string | null;
  readonly imageUrl: string | null;
  readonly tier: "free" | "pro" | "business" | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Whether this person runs the town. */
  readonly admin: boolean;
  /** Since when the account may do nothing, epoch milliseconds. */
  readonly suspendedAt: number | null;
  /** The shortest time between two runs of one of its schedules, milliseconds; null: the town's. */
  readonly minPeriodMs: number | null;
  /** Whether it wants mails about what failed. */
  readonly failureMails: boolean;
}

export interface NewUser {
  readonly username: string;
  readonly email?: string;
  readonly type?: "user" | "org";
  /** Take a name that is kept for the town itself: only the town does. */
  readonly reserved?: boolean;
  /** A UUID, for imports; made when missing. */
  readonly id?: string;
}

export interface Users {
  /**
   * The first person becomes the operator (`std`, which is the library's, does not count). Rejects with StoreError
   * `bad_username` or `username_taken` (without regard to case).
   */
  create(user: NewUser): Promise<User>;
  find(id: string): Promise<User | undefined>;
  /** By username, without regard to case. */
  findByName(username: string): Promise<User | undefined>;
  /** The names of these accounts, in no order; of those that are gone there is none. */
  namesOf(ids: Iterable<string>): Promise<string[]>;
  /** The address that is known to be the user's; undefined when there is none, or it is only said to be. */
  verifiedEmail(id: string): Promise<string | undefined>;
  /** What is missing stays as it is. Undefined when there is no such account. */
  change(
    id: string,
    changes: {
      bio?: string | null | undefined;
      imageUrl?: string | null | undefined;
      failureMails?: boolean | undefined;
    },
  ): Promise<User | undefined>;
  /** The oldest first. */
  list(): Promise<User[]>;
}

/** Whose vals the standard library is. */
const STD = "std";

export function createUsers(db: Kysely<TownSchema>, now: () => number): Users {
  return {
    create: (user) => db.transaction().execute((trx) => insertUser(trx, user, now())),
    find: (id) => findUser(db, id),
    async findByName(username) {
      const key = username.toLowerCase();
      const row = await db.selectFrom("users").selectAll().where("username_key", "=", key).executeTakeFirst();
      return row && toUser(row);
    },
    async namesOf(ids) {
      const rows = await db
        .selectFrom("users")
        .select("username")
        .where("id", "in", [...ids])
        .execute();
      return rows.map((row) => row.username);
    },
    verifiedEmail: (id) => verifiedEmail(db, id),
    async change(id, { bio, imageUrl, failureMails }) {
      const values = {
        ...(bio !== undefined && { bio }),
        ...(imageUrl !== undefined && { image_url: imageUrl }),
        ...(failureMails !== undefined && { failure_mails_off_at: failureMails ? null : now() }),
      };
      const user = db.updateTable("users").where("id", "=", id);
      if (Object.keys(values).length > 0) await user.set(values).execute();
      return findUser(db, id);
    },
    async list() {
      const rows = await db.selectFrom("users").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(toUser);
    },
  };
}

/** By id, within a transaction or outside. */
export async function findUser(
  db: Pick<Kysely<TownSchema>, "selectFrom">,
  id: string,
): Promise<User | undefined> {
  const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toUser(row);
}

/** The oldest first. */
export async function listUsers(
  db: Kysely<TownSchema>,
  { limit, offset }: { limit: number; offset: number },
): Promise<Page<User>> {
  const all = db.selectFrom("users").selectAll().orderBy("created_at").orderBy("id");
  const rows = await all
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return toPage(rows.map(toUser), limit);
}

/** Of those who signed up it is what they have shown to be theirs; of all others what the operator said. */
async function verifiedEmail(db: Kysely<TownSchema>, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("users")
    .leftJoin("auth_user", "auth_user.id", "users.id")
    .select(["users.email as given", "auth_user.email", "auth_user.emailVerified as verified"])
    .where("users.id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return (row.email === null ? row.given : row.verified ? row.email : null) ?? undefined;
}

/** Makes a user within a transaction; rejects as `Users.create` does. */
export async function insertUser(trx: Transaction<TownSchema>, user: NewUser, at: number): Promise<User> {
  const { username, email, type = "user", reserved = false, id = Bun.randomUUIDv7() } = user;
  const problem = reserved ? undefined : usernameProblem(username);
  if (problem !== undefined) throw new StoreError("bad_username", problem);
  const key = username.toLowerCase();
  const first = type === "user" && key !== STD && !(await isInhabited(trx));
  const row: UserTable = {
    id,
    username,
    username_key: key,
    type,
    email: email ?? null,
    bio: null,
    image_url: null,
    tier: "free",
    created_at: at,
    role: first ? "admin" : null,
    suspended_at: null,
    min_period_ms: null,
    failure_mails_off_at: null,
  };
  try {
    await trx.insertInto("users").values(row).execute();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new StoreError("username_taken", `The username ${username} is taken. Choose another.`);
  }
  return toUser(row);
}

async function isInhabited(trx: Transaction<TownSchema>): Promise<boolean> {
  const person = trx
    .selectFrom("users")
    .select("id")
    .where("type", "=", "user")
    .where("username_key", "<>", STD);
  return (await person.limit(1).executeTakeFirst()) !== undefined;
}

/** A row as what it is. */
export function toUser(row: Selectable<UserTable>): User {
  const { id, username, type, email, bio, tier } = row;
  const { image_url: imageUrl, created_at: createdAt, role } = row;
  return {
    id,
    username,
    type,
    email,
    bio,
    imageUrl,
    tier,
    createdAt,
    admin: role === "admin",
    suspendedAt: row.suspended_at,
    minPeriodMs: row.min_period_ms,
    failureMails: row.failure_mails_off_at === null,
  };
}
