/** Which variables a val may have in its environment. The limits are Val Town's (https://docs.val.town/reference/api). */

/** A variable's name: letters, digits and `_`, not a digit first. */
export const VARIABLE_KEY = /^[A-Za-z_][A-Z0-9a-z_]*$/;
/** Longest name of a variable, and longest value, in UTF-16 code units. */
export const MAX_VARIABLE = 8192;
/** Longest description of a variable. */
export const MAX_VARIABLE_DESCRIPTION = 1024;
/** All variables of one val together, written as JSON: they reach a worker as one line. */
export const MAX_ENVIRONMENT = 128 * 1024;

/** Set by the town itself in every worker; a variable of that name would never be seen. */
export const PLATFORM_VARIABLES: readonly string[] = [
  "valtown",
  "VAL_TOWN_API_KEY",
  "VALTOWN_ENTRYPOINT",
  "VALTOWN_API_URL",
  "VAL_TOWN_BASE_URL",
  "DENO_AUTH_TOKENS",
];

/** Why a variable cannot have this name, as a sentence; undefined when it can. */
export function variableKeyProblem(key: string): string | undefined {
  if (key.length > MAX_VARIABLE) return `A variable's name has at most ${MAX_VARIABLE} characters.`;
  if (!VARIABLE_KEY.test(key)) {
    return "A variable's name consists of letters, digits and _, and does not begin with a digit.";
  }
  return PLATFORM_VARIABLES.includes(key)
    ? `The variable ${key} is set by the town itself. Choose another name.`
    : undefined;
}

/** Why a variable cannot have this value, as a sentence; undefined when it can. */
export function variableValueProblem(value: string): string | undefined {
  if (value.length > MAX_VARIABLE) return `A variable's value has at most ${MAX_VARIABLE} characters.`;
  return value.includes("\0") ? "A variable's value cannot contain the character NUL." : undefined;
}

/** How much of `MAX_ENVIRONMENT` a variable takes. */
export function variableSize(key: string, value: string): number {
  return JSON.stringify({ [key]: value }).length;
}
