/** What Deno says of modules at addresses and of JSR packages, in our own words. */

import { FORBIDDEN } from "./lock-info.ts";
import { AGAIN, type Rules, sentence } from "./lock-sentence.ts";

const TAMPERED =
  "Nothing of it is used. If the change is meant, import another version, or remove the import and save once.";

export const URL_RULES: Rules = [
  [
    new RegExp(FORBIDDEN),
    (_, { about = "" }) => ({
      message: `"${about.slice(0, 200)}" may not be imported by a module from elsewhere: only https:, npm:, jsr: and node: may.`,
      culprit: about,
    }),
  ],
  [
    /^Remote modules are not allowed to import local modules[\s\S]*Importing: (?<url>\S+)/,
    ({ url }) => ({
      message: `"${url}" may not be imported by a module from elsewhere: only https:, npm:, jsr: and node: may.`,
      culprit: url!,
    }),
  ],
  [
    /Integrity check failed for (?:remote specifier|package)[\s\S]*?(?:Specifier|Package): (?<what>\S+)/,
    ({ what }) => ({
      message: `${what} is not what it was at the last save: its content has changed.`,
      hint: TAMPERED,
      culprit: what!,
    }),
  ],
  [
    /Integrity check failed/,
    (_, { about = "It" }) => ({
      message: `${about} is not what it was announced to be, or was at the last save: its content has changed.`,
      hint: TAMPERED,
      culprit: about,
    }),
  ],
  [
    /^Module not found "(?<url>[^"]+)"/,
    ({ url }) => ({
      message: `There is no module at ${url}.`,
      hint: "Check the address; it needs its file extension.",
      culprit: url!,
    }),
  ],
  [
    /^Requires import access to "(?<host>[^"]+)"/,
    ({ host }, { about = "" }) => ({
      message: `Modules of ${host} cannot be imported: the address is not a public one.`,
      culprit: about,
    }),
  ],
  [
    /^Import '(?<url>[^']+)' failed(?:: (?<why>[^\n]+)|[\s\S]*?0: (?<cause>[^\n]+))?/,
    ({ url = "", why, cause }) => ({
      message: `${url} could not be fetched${(why ?? cause) ? `: ${sentence((why ?? cause)!)}` : "."}`,
      hint: AGAIN,
      culprit: url,
    }),
  ],
  [
    /^(?:SyntaxError: )?(?<why>[^\n]+)[\s\S]*\n\s+at (?<url>https:\S+):(?<line>\d+):\d+$/,
    ({ why = "", url, line }) => ({
      message: `The module ${url} is not usable: line ${line}: ${sentence(why)}`,
      culprit: url!,
    }),
  ],
  [
    /A pending module load never completed/,
    (_, { about = "" }) => ({ message: `${about} leads to itself, in circles.`, culprit: about }),
  ],
  [
    /^Expected a JavaScript or TypeScript module, but identified an? (?<kind>\S+) module/,
    ({ kind }, { about = "" }) => ({
      message: `What is at ${about} is no JavaScript or TypeScript (Deno takes it for "${kind}").`,
      hint: "Check the address: is it the page about the module, not the module?",
      culprit: about,
    }),
  ],
  [
    /^JSR package not found: (?<name>\S+)/,
    ({ name }) => ({
      message: `There is no JSR package "${name}".`,
      hint: "Check how its scope and name are written.",
      culprit: name!,
    }),
  ],
  [
    /^Could not find version of '(?<name>[^']+)' that matches specified version constraint '(?<range>[^']+)'/,
    ({ name, range }) => ({
      message: `No version of the JSR package "${name}" fits "${range}".`,
      culprit: name!,
    }),
  ],
  [
    /^Unknown export '\.?\/?(?<sub>[^']*)' for '(?<id>[^']+)'[\s\S]*?exports:(?<all>[\s\S]*)/,
    ({ sub, id, all = "" }) => ({
      message: `The JSR package "${id}" has nothing to import at "${sub}".`,
      hint: `It has ${all
        .match(/\.\S*/g)
        ?.map((one) => `"${one}"`)
        .join(", ")}.`,
    }),
  ],
  [
    /^(?:JSR package manifest for '(?<name>[^']+)' failed to load|Failed loading package '(?<other>[^']+)')/,
    ({ name, other }) => ({
      message: `The JSR registry did not tell about "${name ?? other}".`,
      hint: AGAIN,
      culprit: (name ?? other)!,
    }),
  ],
];
