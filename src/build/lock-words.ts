/** What Deno's messages mean, for the author of a val. */

import { type Context, type Finding, sentence } from "./lock-sentence.ts";
import { NPM_RULES } from "./lock-words-npm.ts";
import { URL_RULES } from "./lock-words-url.ts";

const RULES = [...NPM_RULES, ...URL_RULES];

/** The first rule that knows the message says it. */
export async function toWords(error: string, context: Context): Promise<Finding> {
  for (const [pattern, rule] of RULES) {
    const found = pattern.exec(error);
    if (found) return rule(found.groups ?? {}, context);
  }
  return { message: sentence(error.split("\n")[0] || "Deno could not resolve it, and did not say why.") };
}
