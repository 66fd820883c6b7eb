/** The routes, as the served description has them. */

import type { Schema } from "./schema.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

/** One route. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of the JSON body; undefined without one. */
  readonly body: Schema | undefined;
  /** Media types of bodies that are no JSON. */
  readonly rawBody: readonly string[];
  /** The JSON of each answer, by status; `null` for those that are none. */
  readonly answers: ReadonlyMap<number, Schema | null>;
  /** Whether its answer goes on until the client leaves. */
  readonly endless: boolean;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly (Partial<Parameter> & { readonly $ref?: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** All of them, in the order of the description. */
export function operationsOf(description: Description): Operation[] {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => toOperation(path, method, described)),
  );
}

function toOperation(path: string, method: string, described: Described): Operation {
  const parameters = (described.parameters ?? []).filter((one) => one.$ref === undefined);
  const content = described.requestBody?.content ?? {};
  const good = described.responses["200"]?.content ?? {};
  const answers = Object.entries(described.responses).map(
    ([status, answer]) => [Number(status), answer.content?.["application/json"]?.schema ?? null] as const,
  );
  return {
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    endless: "text/event-stream" in good,
    parameters: parameters.map((one) => ({ required: false, schema: {}, ...one }) as Parameter),
    body: content["application/json"]?.schema,
    rawBody: Object.keys(content).filter((type) => type !== "application/json"),
    answers: new Map(answers),
  };
}

/** Values that lead to something which is there: by parameter, gathered from answers. */
export class Pools {
  readonly #pools = new Map<string, string[]>();

  add(name: string, ...values: string[]): void {
    const pool = this.#pools.get(name) ?? [];
    pool.push(...values);
    // The first ones stay: they were made to be found.
    if (pool.length > 40) pool.splice(8, pool.length - 40);
    this.#pools.set(name, pool);
  }

  pick(name: string, random: (below: number) => number): string | undefined {
    const pool = this.#pools.get(name);
    return pool?.[random(pool.length)];
  }

  clear(): void {
    this.#pools.clear();
  }
}

/** What an answer says of things that other routes take: `{val_id}` below `/v2/vals` is the `id` of what is listed there. */
export function harvest(
  operations: readonly Operation[],
  operation: Operation,
  answer: unknown,
): [name: string, value: string][] {
  const below = operations.filter(({ path }) => path.startsWith(`${operation.path}/{`));
  const names = new Set(
    below.map(({ path }) => /^\{(\w+)\}/.exec(path.slice(operation.path.length + 1))![1]!),
  );
  const all = new Set(operations.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const mentioned = [...all].filter((name) => name.includes("_"));
  return itemsOf(answer)
    .slice(0, 20)
    .flatMap((item) => {
      const own = [...names].map((name) => [name, item[name] ?? item[name.replace(/^.*_/, "")]] as const);
      const others = mentioned.map((name) => [name, item[toCamel(name)]] as const);
      return [...own, ...others].flatMap(([name, value]) =>
        typeof value === "string" || typeof value === "number"
          ? [[name, String(value)] as [string, string]]
          : [],
      );
    });
}

const toCamel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function itemsOf(answer: unknown): Record<string, unknown>[] {
  const data = (answer as { data?: unknown } | null)?.data ?? answer;
  const list = Array.isArray(data) ? data : [data];
  return list.filter((one) => typeof one === "object" && one !== null);
}
