/** What goes with a val or an account that is removed: rows, tokens, endpoints, blobs, databases. */

import type { Auth } from "./auth/auth.ts";
import type { Log } from "./log.ts";
import type { Scope } from "./services/scope.ts";
import { type Store, StoreError, type User } from "./store/store.ts";

/** A service that keeps something for vals and accounts. */
interface Keeper {
  removeScope(scope: Scope): Promise<void>;
}

export interface RemovalOptions {
  readonly store: Store;
  readonly auth: Auth;
  /** Whoever serves vals. */
  readonly deploy: { removed(valId: string): Promise<void> };
  readonly blobs?: Keeper;
  readonly sqlite?: Keeper;
  /** Whoever has the mails that wait: of these it keeps what somebody else waits for. */
  readonly mailDoor?: { release(mailIds: readonly string[]): Promise<void> };
  readonly log?: Log;
}

export interface Removal {
  /** A val with all that is its own. What cannot be removed after its rows are gone is told to the operator. */
  val(valId: string): Promise<void>;
  /**
   * An account with its vals and all that is theirs, and the organizations of which it is the only member. Rejects with
   * StoreError `last_owner` when an organization with other members would be left without an owner, and `last_admin`.
   */
  account(user: User): Promise<void>;
}

/** Make it. Rows go first, in one transaction: what a crash then leaves of blobs and databases, the next start removes. */
export function createRemoval(options: RemovalOptions): Removal {
  const { store, auth, deploy, blobs, sqlite, mailDoor, log } = options;
  async function release(mailIds: readonly string[]): Promise<void> {
    await mailDoor
      ?.release(mailIds)
      .catch((error: unknown) => log?.error("Mails of what was deleted may be left.", { error }));
  }

  async function clean(scope: Scope): Promise<void> {
    await Promise.all([blobs?.removeScope(scope), sqlite?.removeScope(scope)]).catch((error: unknown) =>
      log?.error(`Blobs or the database of a deleted ${scope.kind} may be left.`, { id: scope.id, error }),
    );
  }

  async function stopVal(valId: string): Promise<void> {
    auth.disown(valId);
    await deploy
      .removed(valId)
      .catch((error: unknown) => log?.error("A deleted val may still be served.", { val: valId, error }));
    await clean({ kind: "val", id: valId });
  }

  async function removeOne({ id, username }: User): Promise<void> {
    const members = await store.orgs.members(id);
    const mails = await store.inbox.spooled({ userId: id });
    const vals = await store.accounts.remove(id);
    for (const userId of [id, ...members.map((member) => member.userId)]) auth.forget(userId);
    for (const valId of vals) await stopVal(valId);
    await clean({ kind: "user", id });
    await release(mails);
    await store.telemetry.removeAccount(username);
  }

  return {
    async val(valId) {
      const mails = await store.inbox.spooled({ valId });
      await store.vals.remove(valId);
      await stopVal(valId);
      await release(mails);
    },
    async account(user) {
      for (const org of await orgsToRemove(store, user.id)) await removeOne(org);
      await removeOne(user);
    },
  };
}

/** Organizations that would have no member any more. */
async function orgsToRemove(store: Store, userId: string): Promise<User[]> {
  const alone: User[] = [];
  const accounts = await store.orgs.accountsOf(userId);
  for (const orgId of accounts.filter((id) => id !== userId)) {
    const members = await store.orgs.members(orgId);
    const org = await store.users.find(orgId);
    if (org === undefined) continue;
    const owners = members.filter(({ role }) => role === "owner");
    if (members.length === 1) alone.push(org);
    else if (owners.length === 1 && owners[0]!.userId === userId) {
      throw new StoreError(
        "last_owner",
        `You are the last owner of ${org.username}, which has other members. Make one of them an owner first.`,
      );
    }
  }
  return alone;
}
