/** What Deno's messages mean, for the author of a val. */

import { type Packument, readPackument } from "./lock-cache.ts";
import { splitId } from "./lock-file.ts";

export const AGAIN =
  "Save again; if it goes on, the registry or host may be down, or what is imported is very large.";

const SHOWN = 6;

export interface Finding {
  readonly message: string;
  readonly hint?: string;
  /** The package or URL that the message is about. */
  readonly culprit?: string;
}

type Rule = (found: Readonly<Record<string, string>>, cacheDir: string) => Finding | Promise<Finding>;

const RULES: readonly [pattern: RegExp, rule: Rule][] = [
  [
    /npm package '(?<name>[^']+)' does not exist/,
    ({ name }) => ({
      message: `There is no npm package "${name}".`,
      hint: "Check how its name is written; capital letters matter.",
      culprit: name!,
    }),
  ],
  [
    /Could not find npm package '(?<name>[^']+)' matching '(?<range>[^']+)'/,
    async ({ name = "", range = "" }, cacheDir) => ({
      message: `No version of the npm package "${name}" fits "${range}".`,
      ...versionsHint(await readPackument(cacheDir, name), range),
      culprit: name,
    }),
  ],
  [
    /Could not find dist-tag '(?<tag>[^']+)' for npm package '(?<name>[^']+)'/,
    async ({ name = "", tag = "" }, cacheDir) => ({
      message: `The npm package "${name}" has no tag "${tag}".`,
      ...tagsHint(await readPackument(cacheDir, name)),
      culprit: name,
    }),
  ],
  [
    /Tarball checksum did not match what was provided by npm registry for (?<id>\S+?)\.?\s/,
    ({ id = "" }) => ({
      message: `What the registry sent for "${id}" is not what it had announced: the checksum differs.`,
      hint: "Nothing of it was kept. Save again; if it goes on, the package may have been tampered with.",
      culprit: splitId(id)[0],
    }),
  ],
  [
    /Could not find npm package tarball at: (?<url>\S+)/,
    ({ url }) => ({
      message: `The registry has lost a package: nothing is at ${url}.`,
      hint: "Use another version.",
    }),
  ],
  [
    /Failed caching npm package '(?<id>[^']+)'[\s\S]*?Extracted path '(?<path>[^']+)'/,
    ({ id = "", path }) => ({
      message: `The npm package "${id}" was refused: it has a file outside of its own folder, "${path}".`,
      hint: "Use another version of it.",
      culprit: splitId(id)[0],
    }),
  ],
  [
    /Failed caching npm package '(?<id>[^']+)'[\s\S]*?(?:0: (?<why>[^\n]*))?$/,
    ({ id = "", why = "" }) => ({
      message: `The npm package "${id}" could not be unpacked${why ? `: ${sentence(why)}` : "."}`,
      hint: "Use another version of it.",
      culprit: splitId(id)[0],
    }),
  ],
  [
    /Failed loading \S+ for package "(?<name>[^"]+)"(?:[\s\S]*?0: (?<why>[^\n]*))?/,
    ({ name, why = "" }) => ({
      message: `The npm registry did not tell about "${name}"${why ? `: ${sentence(why)}` : "."}`,
      hint: AGAIN,
      culprit: name!,
    }),
  ],
];

/** What a message of Deno's means. */
export async function toWords(error: string, cacheDir: string): Promise<Finding> {
  for (const [pattern, rule] of RULES) {
    const found = pattern.exec(error);
    if (found) return rule(found.groups ?? {}, cacheDir);
  }
  return { message: sentence(error.split("\n")[0] || "Deno could not resolve it, and did not say why.") };
}

function versionsHint(packument: Packument | undefined, range: string): { hint?: string } {
  if (!packument) return {};
  const major = /\d+/.exec(range)?.[0];
  const stable = packument.versions
    .filter((version) => !version.includes("-"))
    .toSorted(compare)
    .toReversed();
  const near = stable.filter((version) => version.split(".")[0] === major);
  const shown = (near.length > 0 ? near : stable).slice(0, SHOWN);
  const { latest } = packument.tags;
  return {
    hint: `The newest is ${latest ?? stable[0]}; there are ${list(shown)}${stable.length > shown.length ? " and others" : ""}.`,
  };
}

function tagsHint(packument: Packument | undefined): { hint?: string } {
  return packument
    ? { hint: `There are ${list(Object.keys(packument.tags).slice(0, SHOWN))}, or use a version.` }
    : {};
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(", ");
}

function compare(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at < 0 ? 0 : left[at]! - (right[at] ?? 0);
}

/** Someone else's message as a sentence of ours. */
function sentence(text: string): string {
  const line = text.trim().slice(0, 500);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
