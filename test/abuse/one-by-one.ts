/** For attempts that may end their own process, which would hide what came of the others. */

import type { TestVal } from "../support/server.ts";
import type { Outcome } from "./attempt.ts";
import type { Stage } from "./stage.ts";

/** Makes each attempt in a request of its own; the death of the worker counts as a refusal. */
export async function oneByOne(stage: Stage, val: TestVal): Promise<Outcome[]> {
  const names = (await (await stage.hamlet.fetch(val)).json()) as string[];
  const outcomes: Outcome[] = [];
  for (const only of names) outcomes.push(...(await stage.attack(val, { only })));
  return outcomes;
}
