/** What a request is about may be deleted between any two looks of it into the store: that is never the town's failure. */

import { expect, test } from "bun:test";
import type { Store } from "../src/store/store.ts";
import { makeTown, type Town } from "./support/town.ts";

/** Something happens before one of the calls that the API makes of the store. */
class Strike {
  #left = Number.POSITIVE_INFINITY;
  #blow = async () => {};

  /** Before the call with this number, from 0 on. */
  arm(call: number, blow: () => Promise<void>): void {
    this.#left = call;
    this.#blow = blow;
  }

  /** Whether it has struck. */
  get done(): boolean {
    return this.#left < 0;
  }

  through<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null) return this.through(value);
        if (typeof value !== "function" || name === "onStored") return value;
        return (...args: unknown[]) => {
          const call = () => value.apply(target, args);
          return this.#left-- === 0 ? this.#blow().then(call) : call();
        };
      },
    });
  }
}

interface Stage {
  readonly town: Town;
  readonly token: string;
  readonly userId: string;
  readonly orgId: string;
  readonly valId: string;
  readonly devId: string;
}

async function makeStage(town: Town, name: string): Promise<Stage> {
  const { store } = town;
  const { id: userId } = await store.users.create({ username: `u${name}` });
  const { token } = await store.tokens.create({ userId });
  const { id: orgId } = await store.orgs.create({ username: `o${name}`, ownerId: userId });
  const val = { userId: orgId, authorId: userId, name: "v", privacy: "public" } as const;
  const { id: valId } = await store.vals.create({
    ...val,
    files: [{ path: "main.ts", type: "http", content: "1" }],
  });
  const json = { name: "dev" };
  const { id: devId } = (await town.expect(201, "POST", `/v2/vals/${valId}/branches`, { token, json })).json;
  return { town, token, userId, orgId, valId, devId };
}

const removeAll = async ({ town: { store }, userId, orgId }: Stage) => {
  await store.accounts.remove(orgId);
  await store.accounts.remove(userId);
};
const removeOrg = ({ town: { store }, orgId }: Stage) => store.accounts.remove(orgId);
const removeVal = ({ town: { store }, valId }: Stage) => store.vals.remove(valId);
const removeDev = ({ town: { store }, valId, devId }: Stage) => store.branches.remove(valId, devId);

type Blow = (stage: Stage) => Promise<unknown>;

const ROWS: readonly [request: string, json: unknown, blow: Blow][] = [
  ["GET /v3/me/export", undefined, removeAll],
  ["GET /v3/orgs/ORG/export", undefined, removeOrg],
  ["POST /v3/me/tokens", { label: "one" }, removeAll],
  ["PATCH /v3/me", { bio: "b" }, removeAll],
  ["PATCH /v3/orgs/ORG", { bio: "b" }, removeOrg],
  ["POST /v2/vals", { name: "w", privacy: "public" }, removeAll],
  ["POST /v3/vals/VAL/remix", { name: "r" }, removeAll],
  ["POST /v3/vals/VAL/pulls", { title: "t", sourceBranchId: "DEV" }, removeDev],
  ["PUT /v2/vals/VAL/files?path=main.ts", { content: "2" }, removeVal],
  ["PUT /v2/vals/VAL/files?path=main.ts&branch_id=DEV", { content: "2" }, removeDev],
  ["POST /v3/vals/VAL/branches/DEV/merge", { into: "parent" }, removeDev],
  ["POST /v2/vals/VAL/environment_variables", { key: "K", value: "v" }, removeVal],
];
const CALLS = 5;

test.each(ROWS)("nothing fails while what it is about is deleted: %s", async (request, json, blow) => {
  const strike = new Strike();
  await using town = await makeTown({ through: (store: Store) => strike.through(store) });
  const statuses: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const stage = await makeStage(town, String(call));
    const { token, orgId, valId, devId } = stage;
    const fill = (text: string) => text.replace("ORG", orgId).replace("VAL", valId).replace("DEV", devId);
    const [method, path] = fill(request).split(" ") as [string, string];
    const body = json === undefined ? undefined : JSON.parse(fill(JSON.stringify(json)));
    strike.arm(call, async () => void (await blow(stage)));
    const { status } = await town.call(method, path, { token, json: body });
    if (!strike.done) break;
    statuses.push(status);
  }
  expect([statuses.length > 0, statuses.filter((status) => status >= 500)]).toEqual([true, []]);
});
