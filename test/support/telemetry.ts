/** Traces and logs as a client of the API reads them. */

import type { TestHamlet } from "./server.ts";

/** A trace or log line; its attributes by key, numbers and flags as themselves. */
export interface Described {
  readonly traceId: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface TestTrace extends Described {
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message: string };
}

export interface TestLog extends Described {
  readonly timeUnixNano: string;
  readonly severityText: string;
  readonly text: string;
}

export interface TestPage<T> {
  readonly rows: T[];
  /** Query parameters of `links.next`. */
  readonly next: URLSearchParams | undefined;
}

type Query = Readonly<Record<string, string>> | URLSearchParams;

/** One page of `GET /v1/telemetry/traces`. */
export function traces(hamlet: TestHamlet, query: Query): Promise<TestPage<TestTrace>> {
  return page(hamlet, "traces", query, (row) => row);
}

/** One page of `GET /v1/telemetry/logs`. */
export function logs(hamlet: TestHamlet, query: Query): Promise<TestPage<TestLog>> {
  return page(hamlet, "logs", query, (row) => ({ ...row, text: row.body.stringValue }));
}

/** Asks again until `find` finds something, for at most `patienceMs`; the telemetry is allowed to be a second late. */
export async function eventually<T>(find: () => Promise<T | undefined>, patienceMs = 10_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; await Bun.sleep(50)) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`It was not there within ${patienceMs} ms: ${find}`);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
async function page(hamlet: TestHamlet, kind: string, query: Query, toRow: (row: any) => any) {
  const response = await hamlet.api(`/v1/telemetry/${kind}?${new URLSearchParams(query)}`);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const { data, links } = (await response.json()) as any;
  return {
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    rows: data.map((row: any) => toRow({ ...row, attributes: flatten(row.attributes) })),
    next: links.next === undefined ? undefined : new URL(links.next).searchParams,
  };
}

type Attribute = { key: string; value: Record<string, string | boolean> };

function flatten(attributes: Attribute[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined ? (value.stringValue ?? value.boolValue!) : Number(value.intValue),
    ]),
  );
}
