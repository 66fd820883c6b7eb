/** Ten thousand random requests by a stranger and by nobody. Repeat a run with PRIVACY_SEED. */

import { expect, test } from "bun:test";
import { PRIVACIES } from "../src/val/visibility.ts";
import { type Description, type Operation, operationsOf, Pools } from "./fuzz/operations.ts";
import { type FuzzRequest, makeRequest } from "./fuzz/request.ts";
import { type Random, Schemas } from "./fuzz/schema.ts";
import { DEEP, makeStage, type Stage } from "./privacy/stage.ts";

const REQUESTS = 10_000;
const SEED = Number(process.env.PRIVACY_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`nothing that strangers ask changes or tells what is private (seed ${SEED})`, async () => {
  await using stage = await makeStage();
  const random = randomOf(SEED);
  const description = (await stage.town.expect(200, "GET", "/openapi.json")).json as Description;
  const schemas = new Schemas(description.components.schemas);
  const operations = operationsOf(description);
  const pools = poolsOf(stage);
  const before = stage.rows();
  const statuses = new Map<number, number>();
  for (let count = 0; count < REQUESTS; count++) {
    const operation = operations[random(operations.length)]!;
    const request = makeRequest(operation, schemas, pools, random);
    const token = random(3) === 0 ? "" : stage.tokens.stranger;
    const { status, told } = await send(stage, token, request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (told.includes(DEEP) || status === 500) throw new Error(describe(operation, request, status, told));
  }
  expect(stage.rows()).toEqual(before);
  expect(before.length).toBeGreaterThan(40);
  for (const privacy of PRIVACIES) await expectWhole(stage, privacy);
  // Who only ever meets one answer has found nothing out.
  expect([200, 201, 204, 400, 401, 403, 404].filter((status) => !statuses.has(status))).toEqual([]);
}, 300_000);

/** What lies outside the town's rows is there as it was. */
async function expectWhole(stage: Stage, privacy: (typeof PRIVACIES)[number]): Promise<void> {
  const at = `/v3/vals/${stage.val(privacy).val_id}`;
  expect((await stage.as("owner", 200, "GET", `${at}/blob/zqhid-key`)).text).toContain(DEEP);
  const statement = "select name from sqlite_master";
  const tables = await stage.as("owner", 200, "POST", `${at}/sqlite/execute`, { json: { statement } });
  expect(tables.json.rows).toEqual([["zqhid"]]);
}

/** What is the organization's, most of it private; and a little that is the stranger's own, to mix it with. */
function poolsOf(stage: Stage): Pools {
  const pools = new Pools();
  const add = (name: string, value: string | undefined) => value !== undefined && pools.add(name, value);
  for (const names of [stage.names, ...PRIVACIES.map((one) => stage.val(one)), stage.val("private")])
    for (const [name, value] of Object.entries(names)) add(name, value);
  const { own_val, own_branch } = stage.names;
  const { branch, branch_id, trace_id, file_id } = stage.val("private");
  add("val_id", own_val);
  for (const name of ["branch_id", "to_branch_id", "branch_ids", "sourceBranch_id", "targetBranch_id"])
    for (const id of [branch, branch_id, own_branch]) add(name, id);
  for (const name of ["from", "into"]) for (const id of [branch_id, "parent"]) add(name, id);
  for (const [name, value] of Object.entries({ trace_ids: trace_id, fileIds: file_id, query: "zq" }))
    add(name, value);
  for (const name of ["olga", "mia"]) add("username", name);
  for (const path of ["main.ts", "lib/zqprv.ts", ""]) add("path", path);
  for (const flag of ["secrets", "history", "data", "recursive"]) add(flag, "true");
  return pools;
}

async function send(stage: Stage, token: string, { method, target, headers, body }: FuzzRequest) {
  const init = new Headers({ ...(token !== "" && { authorization: `Bearer ${token}` }), ...headers });
  const url = `http://api.localhost:3000${target}`;
  const response = await stage.town.api.fetch(new Request(url, { method, headers: init, body }));
  const told = `${[...response.headers].join("\n")}\n\n${await textOf(response)}`;
  return { status: response.status, told };
}

/** What is sent as it happens has no end. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return await response.text();
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

function describe({ id }: Operation, { method, target, body }: FuzzRequest, status: number, told: string) {
  return `${id}: ${method} ${target.slice(0, 500)} ${body?.slice(0, 500)}\nwas answered ${status}: ${told.slice(0, 2000)}`;
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
