import type { Kysely, Transaction } from "kysely";
import { StoreError } from "./failure.ts";
import { createInvites, type Invites, takeInvite } from "./invites.ts";
import { ensureAuthUser, ownerOfAddress, passwordOf, putAddress, putPassword } from "./people.ts";
import type { Remains } from "./remains.ts";
import type { TownSchema } from "./schema.ts";
import type { OneTimeLinkTable } from "./schema-accounts.ts";
import { hashSecret, makeLinkSecret } from "./secrets.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { findUser, insertUser, listUsers, type User } from "./users.ts";
import type { Page } from "./vals.ts";

export interface NewAccount {
  readonly username: string;
  readonly passwordHash: string;
  /** An address that someone has vouched for; what is only said to be one's own is verified first. */
  readonly email?: string;
  /** The secret of an invitation, which is used with it and may bring an address. */
  readonly invite?: string;
}

/** What a link that works once is for. */
export type LinkKind = OneTimeLinkTable["kind"];

export interface NewLink {
  readonly kind: LinkKind;
  readonly userId: string;
  /** The address that it is sent to, and that using it verifies. */
  readonly email?: string;
  readonly lastsMs: number;
}

/** A link that can be used. */
export interface OneTimeLink {
  readonly userId: string;
  readonly username: string;
  readonly email: string | undefined;
}

/** What the operator may change about a person. */
export interface PersonChange {
  readonly admin?: boolean;
  readonly tier?: User["tier"];
  readonly suspended?: boolean;
  /** The shortest time between two runs of one of its schedules; null: the town's. */
  readonly minPeriodMs?: number | null;
}

/** How people prove who they are. Both rows of a person are made and changed in one transaction. */
export interface Accounts {
  readonly invites: Invites;
  readonly sessions: Sessions;
  /** Rejects with StoreError as `Users.create` does, and with `bad_invite` or `email_taken`: nothing is used up then. */
  signUp(account: NewAccount): Promise<User>;
  passwordHash(userId: string): Promise<string | undefined>;
  /** Ends all sessions but the one with the id `keep`. */
  setPassword(userId: string, hash: string, keep?: string): Promise<void>;
  /** Rejects with StoreError `email_taken`. */
  setEmail(userId: string, email: string | null): Promise<void>;
  /** Everyone, organizations included, the oldest first. */
  list(page: { limit: number; offset: number }): Promise<Page<User>>;
  /** By verified address, without regard to case. */
  findByEmail(email: string): Promise<User | undefined>;
  /** The secret of a link that works once; of a kind and user, the newest few are good. */
  makeLink(link: NewLink): Promise<string>;
  findLink(kind: LinkKind, secret: string): Promise<OneTimeLink | undefined>;
  /** Sets the password and ends all sessions and links of the user. Rejects with StoreError `bad_link`. */
  usePasswordLink(secret: string, hash: string): Promise<OneTimeLink>;
  /** Verifies the address. Rejects with StoreError `bad_link` or `email_taken`. */
  useEmailLink(secret: string): Promise<OneTimeLink>;
  /** A suspended person's sessions end. Rejects with StoreError `no_user`, and `last_admin` rather than leave none. */
  change(userId: string, change: PersonChange): Promise<User>;
  /**
   * Removes a person or organization with all rows that are theirs, vals included; returns those vals' ids. Rejects with
   * StoreError `last_admin` rather than leave the town without its operator.
   */
  remove(userId: string): Promise<string[]>;
}

const MAX_LINKS = 5;
const BAD_LINK = "This link has expired or was used. Ask for another one.";

export function createAccounts(
  db: Kysely<TownSchema>,
  now: () => number,
  remains: Pick<Remains, "detach">,
): Accounts {
  const within = <T>(work: (trx: Transaction<TownSchema>) => Promise<T>) => db.transaction().execute(work);
  return {
    invites: createInvites(db, now),
    sessions: createSessions(db, now),
    signUp: (account) => within((trx) => signUp(trx, account, now())),
    passwordHash: (userId) => passwordOf(db, userId),
    setPassword: (userId, hash, keep) => within((trx) => setPassword(trx, userId, hash, now(), keep)),
    setEmail: (userId, email) =>
      within(async (trx) => putAddress(trx, await mustFind(trx, userId), email, now())),
    list: (page) => listUsers(db, page),
    async findByEmail(email) {
      const id = await ownerOfAddress(db, email);
      return id === undefined ? undefined : findUser(db, id);
    },
    makeLink: (link) => within((trx) => makeLink(trx, link, now())),
    findLink: (kind, secret) => findLink(db, kind, secret, now()),
    usePasswordLink: (secret, hash) =>
      within(async (trx) => {
        const link = await takeLink(trx, "password", secret, now());
        await setPassword(trx, link.userId, hash, now());
        await trx.deleteFrom("one_time_links").where("user_id", "=", link.userId).execute();
        return link;
      }),
    useEmailLink: (secret) =>
      within(async (trx) => {
        const link = await takeLink(trx, "email", secret, now());
        await putAddress(trx, await mustFind(trx, link.userId), link.email ?? null, now());
        return link;
      }),
    change: (userId, change) => within((trx) => changePerson(trx, userId, change, now())),
    async remove(userId) {
      await within((trx) => checkRemovable(trx, userId));
      const vals = await db.selectFrom("vals").select("id").where("user_id", "=", userId).execute();
      for (const { id } of vals) await remains.detach(id);
      await within((trx) => removePerson(trx, userId));
      return vals.map(({ id }) => id);
    },
  };
}

async function signUp(trx: Transaction<TownSchema>, account: NewAccount, at: number): Promise<User> {
  const invite = account.invite === undefined ? undefined : await takeInvite(trx, account.invite, at);
  const email = invite?.email ?? account.email;
  if (email !== undefined && (await ownerOfAddress(trx, email)) !== undefined)
    throw new StoreError("email_taken", "This e-mail address belongs to another account.");
  const user = await insertUser(trx, { username: account.username, email }, at);
  await ensureAuthUser(trx, user, at);
  await putPassword(trx, user.id, account.passwordHash, at);
  return user;
}

async function setPassword(
  trx: Transaction<TownSchema>,
  userId: string,
  hash: string,
  at: number,
  keep = "",
): Promise<void> {
  await ensureAuthUser(trx, await mustFind(trx, userId), at);
  await putPassword(trx, userId, hash, at);
  await trx.deleteFrom("auth_session").where("userId", "=", userId).where("id", "!=", keep).execute();
}

async function mustFind(trx: Transaction<TownSchema>, userId: string): Promise<User> {
  const user = await findUser(trx, userId);
  if (user !== undefined) return user;
  throw new StoreError("no_user", "User not found");
}

async function makeLink(
  trx: Transaction<TownSchema>,
  { kind, userId, email, lastsMs }: NewLink,
  at: number,
): Promise<string> {
  await trx.deleteFrom("one_time_links").where("expires_at", "<=", at).execute();
  const older = await trx
    .selectFrom("one_time_links")
    .select("hash")
    .where("user_id", "=", userId)
    .where("kind", "=", kind)
    .orderBy("created_at", "desc")
    .execute();
  for (const { hash } of older.slice(MAX_LINKS - 1))
    await trx.deleteFrom("one_time_links").where("hash", "=", hash).execute();
  const secret = makeLinkSecret();
  const times = { created_at: at, expires_at: at + lastsMs };
  const row = { hash: hashSecret(secret), kind, user_id: userId, email: email ?? null, ...times };
  await trx.insertInto("one_time_links").values(row).execute();
  return secret;
}

async function findLink(
  db: Pick<Kysely<TownSchema>, "selectFrom">,
  kind: LinkKind,
  secret: string,
  at: number,
): Promise<OneTimeLink | undefined> {
  const row = await db
    .selectFrom("one_time_links")
    .innerJoin("users", "users.id", "one_time_links.user_id")
    .select(["users.id", "users.username", "one_time_links.email"])
    .where("hash", "=", hashSecret(secret))
    .where("kind", "=", kind)
    .where("expires_at", ">", at)
    .executeTakeFirst();
  return row && { userId: row.id, username: row.username, email: row.email ?? undefined };
}

async function takeLink(
  trx: Transaction<TownSchema>,
  kind: LinkKind,
  secret: string,
  at: number,
): Promise<OneTimeLink> {
  const link = await findLink(trx, kind, secret, at);
  if (link === undefined) throw new StoreError("bad_link", BAD_LINK);
  await trx.deleteFrom("one_time_links").where("hash", "=", hashSecret(secret)).execute();
  return link;
}

async function changePerson(
  trx: Transaction<TownSchema>,
  userId: string,
  { admin, tier, suspended, minPeriodMs }: PersonChange,
  at: number,
): Promise<User> {
  const user = await mustFind(trx, userId);
  if (user.admin && (admin === false || suspended)) await keepAnAdmin(trx, userId);
  const changes = {
    ...(admin !== undefined && { role: admin ? ("admin" as const) : null }),
    ...(tier !== undefined && { tier }),
    ...(minPeriodMs !== undefined && { min_period_ms: minPeriodMs }),
    ...(suspended !== undefined && { suspended_at: suspended ? (user.suspendedAt ?? at) : null }),
  };
  if (Object.keys(changes).length > 0)
    await trx.updateTable("users").set(changes).where("id", "=", userId).execute();
  if (suspended) await trx.deleteFrom("auth_session").where("userId", "=", userId).execute();
  return mustFind(trx, userId);
}

async function keepAnAdmin(trx: Transaction<TownSchema>, but: string): Promise<void> {
  const other = await trx
    .selectFrom("users")
    .select("id")
    .where("role", "=", "admin")
    .where("suspended_at", "is", null)
    .where("id", "!=", but)
    .executeTakeFirst();
  if (other !== undefined) return;
  throw new StoreError("last_admin", "This is the town's only operator. Make somebody else one first.");
}

async function checkRemovable(trx: Transaction<TownSchema>, userId: string): Promise<void> {
  const user = await mustFind(trx, userId);
  if (user.admin) await keepAnAdmin(trx, userId);
}

async function removePerson(trx: Transaction<TownSchema>, userId: string): Promise<void> {
  await checkRemovable(trx, userId);
  await trx.deleteFrom("users").where("id", "=", userId).execute();
  // What the account did stays known, but no longer from where.
  await trx.updateTable("audit").set({ address: null }).where("user_id", "=", userId).execute();
}
