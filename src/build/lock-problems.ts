/** Says in our own words why an import could not be resolved. */

import type { Problem } from "../wire/lock.ts";
import { readPackument } from "./lock-cache.ts";
import { packageName, reach } from "./lock-file.ts";
import { findBroken, follow, type Info } from "./lock-info.ts";
import { AGAIN, type Finding } from "./lock-sentence.ts";
import { toWords } from "./lock-words.ts";

export interface Failure {
  /** Those that were to be resolved. */
  readonly specifiers: readonly string[];
  /** What Deno said of the stub; undefined when it could not say. */
  readonly info: Info | undefined;
  readonly stderr: string;
  readonly cacheDir: string;
}

// Enough to find by whom a package is wanted; beyond it nobody is named.
const MAX_LOOKS = 200;

/** For what did not come before its time was over. */
export function outOfTime(specifier: string): Problem {
  return { specifier, message: `"${specifier}" could not be fetched in time.`, hint: AGAIN };
}

/** For what took more than a fetch may. */
export function tooMuch(specifier: string, what: "memory" | "disk"): Problem {
  const where = what === "memory" ? "to be read" : "unpacked";
  const message = `"${specifier}", with all that it needs, is too large ${where}.`;
  return { specifier, message, hint: "Import a smaller package, or one of its versions that is." };
}

/** One problem for each import that is at fault, as far as Deno tells which are. */
export async function explain(failure: Failure): Promise<Problem[]> {
  const { info, stderr } = failure;
  const told = info ? findBroken(info) : [];
  const error = errorOf(stderr);
  // What only the fetch found, not the look at the stub, is about a package that is not imported by the val itself.
  const all = told.length > 0 ? told : [{ about: undefined, error }];
  const problems = await Promise.all(
    all.map(async (one) => {
      const full = error.startsWith(one.error) ? error : one.error;
      const words = await toWords(full, { about: one.about, cacheDir: failure.cacheDir });
      const culprits = await findCulprits(failure, one.about, words.culprit);
      return culprits.map((specifier) => ({ specifier, ...forAuthor(words, specifier) }));
    }),
  );
  return unique(problems.flat());
}

/** Deno's own message without what it says of the stub. */
function errorOf(stderr: string): string {
  const start = stderr.indexOf("error: ");
  const text = start < 0 ? stderr : stderr.slice(start + "error: ".length);
  return text
    .split("\nStack backtrace:")[0]!
    .replace(/\n\s+at file:\S+\/stub\.ts:\d+:\d+/, "")
    .trim();
}

/** The val's own imports that lead to what the message is about. */
async function findCulprits(
  { specifiers, info, cacheDir }: Failure,
  about: string | undefined,
  culprit: string | undefined,
): Promise<readonly string[]> {
  if (about !== undefined && specifiers.includes(about)) return [about];
  if (specifiers.length === 1) return specifiers;
  const direct = specifiers.filter((one) => culprit !== undefined && packageName(one) === culprit);
  if (direct.length > 0) return direct;
  const importers = specifiers.filter((one) => info && about !== undefined && leadsTo(info, one, about));
  if (importers.length > 0) return importers;
  const dependants = culprit === undefined ? [] : await findDependants(specifiers, culprit, cacheDir);
  return dependants.length > 0 ? dependants : specifiers.slice(0, 1);
}

function leadsTo(info: Info, from: string, to: string): boolean {
  const byUrl = new Map(info.modules.map((module) => [module.specifier, module]));
  const targets = (url: string) =>
    (byUrl.get(url)?.dependencies ?? []).flatMap(({ code }) =>
      code?.specifier ? [follow(code.specifier, info)] : [],
    );
  return reach([follow(from, info)], targets).has(to);
}

/** Those of the packages that may come to depend on `culprit`, whatever version of them. */
async function findDependants(
  specifiers: readonly string[],
  culprit: string,
  cacheDir: string,
): Promise<readonly string[]> {
  const known = new Map<string, ReadonlySet<string>>();
  const look = async (name: string) => {
    if (known.has(name) || known.size >= MAX_LOOKS) return;
    known.set(name, new Set());
    const packument = await readPackument(cacheDir, name);
    known.set(name, packument?.dependencies ?? new Set());
    for (const next of known.get(name)!) await look(next);
  };
  const names = specifiers.filter((one) => one.startsWith("npm:")).map(packageName);
  for (const name of names) await look(name);
  const found = specifiers.filter((one) =>
    reach([packageName(one)], (name) => known.get(name) ?? []).has(culprit),
  );
  return found;
}

function forAuthor({ culprit, message, hint }: Finding, specifier: string): Omit<Problem, "specifier"> {
  const isOther = culprit !== undefined && culprit !== specifier && culprit !== packageName(specifier);
  const context = isOther ? ` "${packageName(specifier) || specifier}" needs it.` : "";
  return { message: `${message}${context}`, ...(hint === undefined ? {} : { hint }) };
}

function unique(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((one) => [`${one.specifier}\n${one.message}`, one]));
  return [...byText.values()];
}
