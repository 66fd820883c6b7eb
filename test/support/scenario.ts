/** Scenario tables: a request, and what its answer must and must not say. */

import { expect } from "bun:test";
import type { Answer, CallOptions, Town } from "./town.ts";

export interface Scenario {
  readonly title: string;
  /** `METHOD /path`; `{name}` is replaced from the names given to `play`. */
  readonly request: string;
  readonly options?: CallOptions | ((town: Town) => CallOptions | Promise<CallOptions>);
  readonly status: number;
  readonly has?: readonly (string | RegExp)[];
  readonly not?: readonly (string | RegExp)[];
}

/** Plays one scenario; every error must come in the one shape that clients know. */
export async function play(
  town: Town,
  scenario: Scenario,
  names: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { request, options = {}, status, has = [], not = [] } = scenario;
  const filled = request.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
  const [method = "", path = ""] = filled.split(" ");
  const answer = await town.call(method, path, typeof options === "function" ? await options(town) : options);
  const said = `${answer.status} ${answer.text}`;
  expect(said).toStartWith(`${status} `);
  for (const part of has) expect(said).toMatch(part);
  for (const part of not) expect(said).not.toMatch(part);
  if (status >= 400) expectProblem(answer);
  return answer;
}

/** An error in the shape that clients know, without anything of the inside. */
export function expectProblem(answer: Answer): void {
  const { statusCode, error, message, ...rest } = answer.json;
  expect(statusCode).toBe(answer.status);
  expect(error).toBeString();
  expect(message.length).toBeGreaterThan(3);
  expect(Object.keys(rest).filter((key) => key !== "code")).toEqual([]);
  expect(answer.text).not.toMatch(/sqlite|kysely|\.ts:|at \w+ \(/i);
  expect(answer.headers.get("x-should-retry")).toBe(answer.status === 409 ? "false" : null);
}
