/** A person's row in `users` and better-auth's row beside it, always changed together. */

import type { Transaction } from "kysely";
import { StoreError } from "./failure.ts";
import type { TownSchema } from "./schema.ts";
import type { User } from "./users.ts";

type Trx = Transaction<TownSchema>;
/** What better-auth calls a password. */
const CREDENTIAL = "credential";

/** Stands for no address: better-auth wants one of everybody. */
export function noAddress(userId: string): string {
  return `${userId}@users.invalid`;
}

/** Makes better-auth's row of a user if there is none: users of before, and those that a command made, have none. */
export async function ensureAuthUser(trx: Trx, user: User, at: number): Promise<void> {
  const known = await trx.selectFrom("auth_user").select("id").where("id", "=", user.id).executeTakeFirst();
  if (known !== undefined) return;
  const free = user.email !== null && (await ownerOfAddress(trx, user.email)) === undefined;
  const time = new Date(at).toISOString();
  const name = user.username;
  const row = { id: user.id, name, username: name.toLowerCase(), displayUsername: name, image: null };
  const email = free ? user.email!.toLowerCase() : noAddress(user.id);
  await trx
    .insertInto("auth_user")
    .values({ ...row, email, emailVerified: free ? 1 : 0, createdAt: time, updatedAt: time })
    .execute();
}

/** Gives a user a password, or another one. */
export async function putPassword(trx: Trx, userId: string, hash: string, at: number): Promise<void> {
  const time = new Date(at).toISOString();
  const changed = await trx
    .updateTable("auth_account")
    .set({ password: hash, updatedAt: time })
    .where("userId", "=", userId)
    .where("providerId", "=", CREDENTIAL)
    .executeTakeFirst();
  if (changed.numUpdatedRows > 0n) return;
  const foreign = { accessToken: null, refreshToken: null, idToken: null, scope: null };
  const times = { accessTokenExpiresAt: null, refreshTokenExpiresAt: null, createdAt: time, updatedAt: time };
  const row = { id: Bun.randomUUIDv7(), accountId: userId, providerId: CREDENTIAL, userId, password: hash };
  await trx
    .insertInto("auth_account")
    .values({ ...row, ...foreign, ...times })
    .execute();
}

/** Gives a user a verified address, or none. Rejects with StoreError `email_taken`. */
export async function putAddress(trx: Trx, user: User, email: string | null, at: number): Promise<void> {
  await ensureAuthUser(trx, user, at);
  const owner = email === null ? undefined : await ownerOfAddress(trx, email);
  if (owner !== undefined && owner !== user.id) {
    throw new StoreError("email_taken", "This e-mail address belongs to another account.");
  }
  await trx.updateTable("users").set({ email }).where("id", "=", user.id).execute();
  // Letters to the former address may lie in somebody else's hands.
  await trx
    .deleteFrom("one_time_links")
    .where("user_id", "=", user.id)
    .where("kind", "=", "password")
    .execute();
  const address = email?.toLowerCase() ?? noAddress(user.id);
  const change = {
    email: address,
    emailVerified: email === null ? 0 : 1,
    updatedAt: new Date(at).toISOString(),
  };
  await trx.updateTable("auth_user").set(change).where("id", "=", user.id).execute();
}

/** Whose verified address this is. */
export async function ownerOfAddress(
  db: Pick<Trx, "selectFrom">,
  email: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("auth_user")
    .select("id")
    .where("email", "=", email.toLowerCase())
    .executeTakeFirst();
  return row?.id;
}

/** The hash of a user's password. */
export async function passwordOf(db: Pick<Trx, "selectFrom">, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("auth_account")
    .select("password")
    .where("userId", "=", userId)
    .where("providerId", "=", CREDENTIAL)
    .executeTakeFirst();
  return row?.password ?? undefined;
}
