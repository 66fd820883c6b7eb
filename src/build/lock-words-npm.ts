/** What Deno says of npm packages, in our own words. */

import { type Packument, readPackument } from "./lock-cache.ts";
import { splitId } from "./lock-file.ts";
import { AGAIN, type Rules, sentence } from "./lock-sentence.ts";

const SHOWN = 6;

export const NPM_RULES: Rules = [
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
    async ({ name = "", range = "" }, { cacheDir }) => ({
      message: `No version of the npm package "${name}" fits "${range}".`,
      ...versionsHint(await readPackument(cacheDir, name), range),
      culprit: name,
    }),
  ],
  [
    /Could not find dist-tag '(?<tag>[^']+)' for npm package '(?<name>[^']+)'/,
    async ({ name = "", tag = "" }, { cacheDir }) => ({
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
