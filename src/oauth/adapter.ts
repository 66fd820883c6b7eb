/** How `oidc-provider` stores what it remembers. */

import type { Adapter, AdapterPayload } from "oidc-provider";
import type { OAuthRecord, OAuthRecords } from "../store/store.ts";
import { errors } from "./oidc.ts";

/**
 * Makes the storage of each kind of record.
 * @param forget told of a grant of which something was taken back, once that is on the disk
 */
export function createAdapter(
  records: OAuthRecords,
  forget: (grantId: string) => void,
): (model: string) => Adapter {
  const revoke = async (grantId: string, whole: boolean) => {
    await records.revoke(grantId, whole);
    forget(grantId);
  };
  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const { accountId, clientId, grantId, uid, userCode } = payload;
      await records.put(model, id, {
        payload,
        userId: accountId,
        clientId: model === "Client" ? id : clientId,
        grantId: model === "Grant" ? id : grantId,
        alias: uid ?? userCode,
        expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : undefined,
      });
    },
    find: async (id) => toPayload(await records.find(model, id)),
    findByUid: async (uid) => toPayload(await records.findByAlias(model, uid)),
    findByUserCode: async (userCode) => toPayload(await records.findByAlias(model, userCode)),
    async consume(id) {
      if (await records.consume(model, id)) return;
      // Two used it at the same time: one of them is not whom it was given to.
      const grantId = (await records.find(model, id))?.payload.grantId;
      if (typeof grantId === "string") await revoke(grantId, true);
      throw new errors.InvalidGrant("already used");
    },
    destroy: (id) => (model === "Grant" ? revoke(id, true) : records.remove(model, id)),
    revokeByGrantId: (grantId) => revoke(grantId, false),
  });
}

function toPayload(record: OAuthRecord | undefined): AdapterPayload | undefined {
  if (record === undefined) return undefined;
  const { payload, consumedAt } = record;
  return consumedAt === undefined ? payload : { ...payload, consumed: Math.floor(consumedAt / 1000) };
}
