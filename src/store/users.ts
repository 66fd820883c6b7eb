import type { Kysely, Selectable } from "kysely";
import { usernameProblem } from "../val/name.ts";
import { StoreError } from "./failure.ts";
import type { TownSchema, UserTable } from "./schema.ts";
import { isUniqueViolation } from "./sqlite.ts";

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
}

export interface NewUser {
  readonly username: string;
  readonly email?: string;
  readonly type?: "user" | "org";
  /** A UUID, for imports; made when missing. */
  readonly id?: string;
}

export interface Users {
  /** Rejects with StoreError `bad_username` or `username_taken` (without regard to case). */
  create(user: NewUser): Promise<User>;
  find(id: string): Promise<User | undefined>;
  /** By username, without regard to case. */
  findByName(username: string): Promise<User | undefined>;
  /** The oldest first. */
  list(): Promise<User[]>;
}

export function createUsers(db: Kysely<TownSchema>, now: () => number): Users {
  return {
    async create({ username, email, type = "user", id = Bun.randomUUIDv7() }) {
      const problem = usernameProblem(username);
      if (problem !== undefined) throw new StoreError("bad_username", problem);
      const row: UserTable = {
        id,
        username,
        username_key: username.toLowerCase(),
        type,
        email: email ?? null,
        bio: null,
        image_url: null,
        tier: "free",
        created_at: now(),
      };
      try {
        await db.insertInto("users").values(row).execute();
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new StoreError("username_taken", `The username ${username} is taken. Choose another.`);
      }
      return toUser(row);
    },
    async find(id) {
      const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toUser(row);
    },
    async findByName(username) {
      const key = username.toLowerCase();
      const row = await db.selectFrom("users").selectAll().where("username_key", "=", key).executeTakeFirst();
      return row && toUser(row);
    },
    async list() {
      const rows = await db.selectFrom("users").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(toUser);
    },
  };
}

/** A row as what it is. */
export function toUser(row: Selectable<UserTable>): User {
  const { id, username, type, email, bio, tier } = row;
  return { id, username, type, email, bio, imageUrl: row.image_url, tier, createdAt: row.created_at };
}
