/** Says in our own words why an import could not be resolved. */

import type { Sandbox } from "../sandbox/types.ts";
import type { Problem } from "../wire/lock.ts";
import type { Info } from "./lock-info.ts";

interface Failure {
  readonly specifiers: readonly string[];
  readonly info: Info | undefined;
  readonly stderr: string;
  readonly sandbox: Sandbox;
}

export function outOfTime(specifier: string): Problem {
  return {
    specifier,
    message: `"${specifier}" could not be fetched in time.`,
    hint: "Save again; if it goes on, the registry may be down, or the package is very large.",
  };
}

export function tooMuch(specifier: string): Problem {
  return { specifier, message: `"${specifier}", with what it needs, is too large.` };
}

export async function explain({ specifiers, stderr }: Failure): Promise<Problem[]> {
  return specifiers.map((specifier) => ({ specifier, message: stderr }));
}
