/** Asks the database of a val, by the protocol in which values keep their types (Hrana over HTTP). */

import { ask } from "../../client/call.ts";
import type { Asked } from "../../client/contract.ts";
import { Problem } from "../../client/problem.ts";
import type { Statement } from "./sqlite-sql.ts";
import type { Value } from "./sqlite-value.ts";

/** What a statement gave. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly affected: number;
}

/** What became of a statement: its result, why it failed, or nothing when one before it has failed. */
export type Outcome = Result | { readonly error: string } | undefined;

interface Step {
  readonly cols: readonly { readonly name: string | null }[];
  readonly rows: readonly (readonly Value[])[];
  readonly affected_row_count: number;
}
interface Failure {
  readonly message: string;
}
interface Answer {
  readonly results: readonly (
    | {
        readonly type: "ok";
        readonly response: {
          readonly result: {
            readonly step_results: readonly (Step | null)[];
            readonly step_errors: readonly (Failure | null)[];
          };
        };
      }
    | { readonly type: "error"; readonly error: Failure }
  )[];
}

/** Runs these one after the other on one connection; the first that fails is the last. */
export async function runAll(
  valId: string,
  statements: readonly Statement[],
  signal?: AbortSignal,
): Promise<Outcome[]> {
  const steps = statements.map(({ sql, args = [] }, at) => ({
    stmt: { sql, args, want_rows: true },
    ...(at > 0 && { condition: { type: "ok", step: at - 1 } }),
  }));
  const json = { baton: null, requests: [{ type: "batch", batch: { steps } }, { type: "close" }] };
  const asked = { params: { val_id: valId, version: "v3" }, json, ...(signal && { signal }) };
  const response = await ask("pipeValSql", asked as unknown as Asked<"pipeValSql">);
  const [first] = ((await response.json()) as Answer).results;
  if (first?.type !== "ok") throw new Problem(400, first?.error.message ?? "The database gave no answer.");
  const { step_results: results, step_errors: errors } = first.response.result;
  return statements.map((_, at) => {
    const error = errors[at];
    if (error) return { error: error.message };
    const result = results[at];
    return result ? toResult(result) : undefined;
  });
}

/** Runs these one after the other; rejects with the first failure. */
export async function runGood(
  valId: string,
  statements: readonly Statement[],
  signal?: AbortSignal,
): Promise<Result[]> {
  return (await runAll(valId, statements, signal)).map((outcome) => {
    if (outcome === undefined || "error" in outcome)
      throw new Problem(400, outcome?.error ?? "A statement before it has failed.");
    return outcome;
  });
}

/** Runs one; rejects when it fails. */
export async function runOne(valId: string, statement: Statement, signal?: AbortSignal): Promise<Result> {
  return (await runGood(valId, [statement], signal))[0]!;
}

function toResult({ cols, rows, affected_row_count: affected }: Step): Result {
  return { columns: cols.map(({ name }) => name ?? ""), rows, affected };
}
