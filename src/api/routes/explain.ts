/** What does not fit a contract, in one sentence and in the words of the server that clients know. */

type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly origin?: string;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
};

const PARTS: Readonly<Record<string, string>> = { query: "querystring", param: "params", json: "body" };
const UNITS: Readonly<Record<string, string>> = {
  string: "characters",
  array: "items",
  record: "properties",
};
/** What the validator says when the contract says nothing better. */
const DEFAULT = /^(?:Too big|Too small|Invalid input|Invalid option): /;

/** `querystring/limit must be <= 100`, for each issue. */
export function explain(target: string, issues: readonly Issue[]): string {
  return issues.map((issue) => explainOne(PARTS[target] ?? target, issue)).join(", ");
}

function explainOne(part: string, issue: Issue): string {
  const at = (path: readonly PropertyKey[]) => [part, ...path.map(String)].join("/");
  const name = issue.path.at(-1);
  if (name !== undefined && issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return `${at(issue.path.slice(0, -1))} must have required property '${String(name)}'`;
  return `${at(issue.path)} ${DEFAULT.test(issue.message) ? wordsFor(issue) : issue.message}`;
}

function wordsFor({ code, origin = "", expected, values = [], minimum, maximum, message }: Issue): string {
  const unit = UNITS[origin];
  if (code === "too_big")
    return unit === undefined ? `must be <= ${maximum}` : `must NOT have more than ${maximum} ${unit}`;
  if (code === "too_small")
    return unit === undefined ? `must be >= ${minimum}` : `must NOT have fewer than ${minimum} ${unit}`;
  if (code === "invalid_type") return `must be ${expected}`;
  if (code === "invalid_value") return `must be one of ${values.map(String).join(", ")}`;
  return message;
}
