/** The thread in which long work on texts is done, so that no request holds back the streams of all others. */
import type { Budget } from "../val/line-diff.ts";
import { JOBS, type Jobs } from "./text-jobs.ts";

/** One request to the thread; it answers each with a reply of the same id, in order. */
export interface Ask {
  readonly id: number;
  readonly kind: keyof Jobs;
  readonly job: unknown;
  readonly budget: Budget;
}

/** The thread's answer, with what is left of the budget. */
export type Reply = { readonly id: number } & (
  | { readonly value: unknown; readonly left: number }
  | { readonly error: string }
);

declare const self: Worker;

self.onmessage = (event: MessageEvent<Ask>) => {
  const { id, kind, job, budget } = event.data;
  let reply: Reply;
  try {
    const value = (JOBS[kind] as (job: unknown, budget: Budget) => unknown)(job, budget);
    reply = { id, value, left: budget.left };
  } catch (cause) {
    reply = { id, error: String(cause) };
  }
  self.postMessage(reply);
};
