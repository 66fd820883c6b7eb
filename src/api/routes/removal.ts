import type { Auth } from "../../auth/auth.ts";
import type { User } from "../../store/store.ts";
import type { Tools } from "./app.ts";

/** Removes a val with its workers, blobs and database. What fails after its row is gone is reported, never thrown. */
export async function removeVal(auth: Auth, tools: Tools, valId: string): Promise<void> {
  const { store, deploy, log } = tools;
  await store.vals.remove(valId);
  auth.disown(valId);
  await deploy
    .removed(valId)
    .catch((error: unknown) => log?.error("A deleted val may still be served.", { val: valId, error }));
  await removeScope(tools, { kind: "val", id: valId });
}

/** Removes an account, a person's or an organization's, with all that is its own, telemetry too. */
export async function removeAccount(auth: Auth, tools: Tools, { id, username }: User): Promise<void> {
  const { store } = tools;
  const page = { limit: 100, offset: 0 };
  for (;;) {
    const { rows } = await store.vals.listByUser(id, page);
    if (rows.length === 0) break;
    for (const val of rows) await removeVal(auth, tools, val.id);
  }
  const members = await store.orgs.members(id);
  await store.users.remove(id);
  for (const userId of [id, ...members.map((member) => member.userId)]) auth.forget(userId);
  await removeScope(tools, { kind: "user", id });
  await store.telemetry.removeAccount(username);
}

async function removeScope(
  { services: { blobs, sqlite }, log }: Tools,
  scope: { readonly kind: "val" | "user"; readonly id: string },
): Promise<void> {
  await Promise.all([blobs?.removeScope(scope), sqlite?.removeScope(scope)]).catch((error: unknown) =>
    log?.error("Blobs or a database of what was deleted may be left.", { ...scope, error }),
  );
}
