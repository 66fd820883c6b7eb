/** Which value goes to which parameter of a statement. */

import { SqlError } from "./sqlite-problems.ts";
import type { SqlValue } from "./sqlite-values.ts";

/** Values by number, or by name with or without its sign. */
export interface Arguments {
  readonly positional: readonly SqlValue[];
  readonly named: readonly { readonly name: string; readonly value: SqlValue }[];
}

/** As `node:sqlite` takes them: those with a name by that, the others in the order of their numbers. */
export interface Bound {
  readonly positional: SqlValue[];
  readonly named: Record<string, SqlValue>;
}

/**
 * Match values with parameters. node:sqlite binds NULL where there is no value; here that is an error, and so is a value
 * that nobody asked for.
 * @throws SqlError
 */
export function bind(parameters: readonly (string | null)[], { positional, named }: Arguments): Bound {
  if (positional.length > 0 && named.length > 0)
    throw new SqlError(
      "ARGS_BOTH_POSITIONAL_AND_NAMED",
      "Specifying both positional and named arguments is not supported",
    );
  if (positional.length > parameters.length)
    throw mismatch(`too many parameters, expected ${parameters.length} found ${positional.length}`);
  const byName = new Map(named.map(({ name, value }) => [name, value]));
  const used = new Set<string>();
  const bound: Bound = { positional: [], named: Object.create(null) };
  for (const [index, name] of parameters.entries()) {
    const key = name === null ? undefined : [name, name.slice(1)].find((alias) => byName.has(alias));
    if (key !== undefined) used.add(key);
    const isNumbered = name === null || name.startsWith("?");
    const value = key !== undefined ? byName.get(key) : isNumbered ? positional[index] : undefined;
    if (value === undefined) throw mismatch(`value for parameter ${name ?? index + 1} not found`);
    if (isNumbered) bound.positional.push(value);
    else bound.named[name] = value;
  }
  const unknown = named.find(({ name }) => !used.has(name));
  if (unknown !== undefined) throw mismatch(`there is no parameter ${unknown.name}`);
  return bound;
}

const mismatch = (what: string) =>
  new SqlError("ARGS_INVALID", `Arguments do not match SQL parameters: ${what}`);
