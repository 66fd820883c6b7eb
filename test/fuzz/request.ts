/** Requests: well-formed ones, and such with one to three things wrong. */

import { nastyBody, nastyText, nastyValue } from "./nasty.ts";
import type { Operation, Parameter, Pools } from "./operations.ts";
import { makeUuid, type Random, type Schemas } from "./schema.ts";

export interface FuzzRequest {
  readonly method: string;
  /** Path and query, as it stands in the first line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Nothing was broken on purpose. */
  readonly plain: boolean;
  /** It is about the operation it was made for: method and path are those. */
  readonly known: boolean;
}

/** The parts of a request before they are put together. */
interface Draft {
  method: string;
  path: string;
  values: Map<string, string>;
  query: [name: string, value: string][];
  headers: Record<string, string>;
  json: unknown;
  body: string | undefined;
  known: boolean;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
const TYPES = [
  "text/plain",
  "application/json; charset=utf-8",
  "application/x-www-form-urlencoded",
  "",
  "a/b/c;;;",
];

export function makeRequest(
  operation: Operation,
  schemas: Schemas,
  pools: Pools,
  random: Random,
): FuzzRequest {
  const draft = makeDraft(operation, schemas, pools, random);
  const wrong = random(3) === 0 ? 0 : 1 + random(3);
  for (let i = 0; i < wrong; i++) spoil(draft, operation, random);
  return toRequest(draft, wrong === 0);
}

function makeDraft(operation: Operation, schemas: Schemas, pools: Pools, random: Random): Draft {
  const valuesOf = ({ name, schema }: Parameter) => {
    const known = random(8) === 0 ? undefined : pools.pick(name, random);
    const made = known ?? schemas.make(schema, random);
    return Array.isArray(made) ? made.map(String) : [String(made)];
  };
  const of = (place: Parameter["in"]) => operation.parameters.filter((one) => one.in === place);
  const body = operation.body && schemas.make(operation.body, random);
  return {
    method: operation.method,
    path: operation.path,
    values: new Map(of("path").map((one) => [one.name, valuesOf(one)[0]!])),
    query: of("query")
      .filter((one) => one.required || random(3) === 0)
      .flatMap((one) => valuesOf(one).map((value) => [one.name, value] as [string, string])),
    headers: Object.fromEntries(
      of("header")
        .filter((one) => one.required || random(3) === 0)
        .map((one) => [one.name, headerValue(valuesOf(one)[0]!)]),
    ),
    json: aim(body, "", pools, random),
    body: operation.rawBody.length > 0 ? nastyText(random) : undefined,
    known: true,
  };
}

/** What bodies name mostly leads to something as well: `branchId` as `branch_id`. */
function aim(value: unknown, name: string, pools: Pools, random: Random): unknown {
  if (Array.isArray(value)) return value.map((one) => aim(one, name.replace(/s$/, ""), pools, random));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, aim(one, key, pools, random)]));
  }
  if (typeof value !== "string" || random(3) === 0) return value;
  return pools.pick(name.replace(/Id$/, "_id"), random) ?? value;
}

function spoil(draft: Draft, operation: Operation, random: Random): void {
  const names = [...draft.values.keys()];
  const kind = random(10);
  if (kind === 0) {
    draft.method = METHODS[random(METHODS.length)]!;
    draft.known &&= draft.method === operation.method;
  } else if (kind === 1 && names.length > 0) {
    draft.values.set(names[random(names.length)]!, random(3) === 0 ? makeUuid(random) : nastyText(random));
  } else if (kind === 2) spoilPath(draft, random);
  else if (kind <= 5) spoilQuery(draft, operation, random);
  else if (kind === 6) spoilHeaders(draft, random);
  else if (kind === 7 && operation.body !== undefined) draft.body = nastyBody(random);
  else draft.json = spoilJson(draft.json, random, 0);
}

function spoilPath(draft: Draft, random: Random): void {
  const tricks = [
    "/",
    "//",
    "/.",
    "/..",
    "/%2e%2e",
    "/%",
    "/%zz",
    "/%c3%28",
    "/x",
    ";a=b",
    "%00",
    "/%2f",
    "?",
    "#x",
  ];
  const trick = tricks[random(tricks.length)]!;
  draft.path = random(4) === 0 ? `/${trick}${draft.path}` : draft.path + trick;
  draft.known = false;
}

function spoilQuery(draft: Draft, operation: Operation, random: Random): void {
  const names = operation.parameters.filter((one) => one.in === "query").map(({ name }) => name);
  const name = names[random(names.length)] ?? nastyText(random);
  const kind = random(5);
  if (kind === 0) draft.query = draft.query.filter(([one]) => one !== name);
  else if (kind === 1) draft.query.push([name, nastyText(random)], [name, nastyText(random)]);
  else if (kind === 2) draft.query.push([nastyText(random), nastyText(random)]);
  else draft.query = [...draft.query.filter(([one]) => one !== name), [name, nastyText(random)]];
}

function spoilHeaders(draft: Draft, random: Random): void {
  const names = [
    "content-type",
    "accept",
    "accept-encoding",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "range",
    "idempotency-key",
    "x-forwarded-for",
    "x-forwarded-proto",
    "origin",
    "cookie",
    "authorization",
    "last-event-id",
  ];
  const name = names[random(names.length)]!;
  draft.headers[name] =
    name === "content-type" ? TYPES[random(TYPES.length)]! : headerValue(nastyText(random));
}

/** One thing in it, however deep, becomes something else, or goes. */
function spoilJson(value: unknown, random: Random, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth > 4 || random(4) === 0) return nastyValue(random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [nastyValue(random)];
    return value.with(random(value.length), spoilJson(value[random(value.length)], random, depth + 1));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random(6) === 0) return { ...value, [nastyText(random)]: nastyValue(random) };
  const [name, inner] = entries[random(entries.length)]!;
  if (random(4) === 0) return Object.fromEntries(entries.filter(([one]) => one !== name));
  return { ...value, [name]: spoilJson(inner, random, depth + 1) };
}

/** Of a header's value, what may stand in one: the gateway has tests of its own for what may not. */
function headerValue(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, "")
    .trim()
    .slice(0, 2000);
}

function toRequest(draft: Draft, plain: boolean): FuzzRequest {
  const path = draft.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(draft.values.get(name) ?? name));
  const query = draft.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  const mayHaveBody = !["GET", "HEAD", "OPTIONS", "TRACE"].includes(draft.method);
  const json = draft.json === undefined ? undefined : JSON.stringify(draft.json);
  const body = mayHaveBody ? (draft.body ?? json) : undefined;
  const headers: Record<string, string> = { ...draft.headers };
  if (body !== undefined) headers["content-type"] ??= "application/json";
  const target = (query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`).replace(
    /#.*$/,
    "",
  );
  // A segment that is left out or leads upwards makes another path of it.
  const known = draft.known && [...draft.values.values()].every((value) => !["", ".", ".."].includes(value));
  return { method: draft.method, target, headers, body, plain, known };
}

/** A lone surrogate cannot be written in UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
