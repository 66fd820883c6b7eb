/** Turns esbuild's messages into what an author is told. */

import type { Location, Message } from "esbuild";
import type { Diagnostic } from "../wire/bundle.ts";
import { OWN, pathIn } from "./sources.ts";

/** Of the namespace that modules of vals have in esbuild; their names end so, because only then is CommonJS seen as Deno sees it. */
export const SUFFIX = ".mts";
const MAX = 100;
const MAX_TEXT = 500;

/** Each once, the val's own first, in the order of their places. */
export function toDiagnostics(messages: readonly Message[], cacheDir: string): Diagnostic[] {
  const all = messages.map((message) => toDiagnostic(message, cacheDir));
  const unique = new Map(all.map((one) => [JSON.stringify(one), one]));
  return [...unique.values()].toSorted(byPlace).slice(0, MAX);
}

function toDiagnostic({ text, location, detail, notes }: Message, cacheDir: string): Diagnostic {
  const advice = notes.find((note) => note.location === null)?.text ?? location?.suggestion;
  const hint: unknown = detail?.hint ?? (advice === "" ? undefined : advice);
  return {
    ...placeOf(location, cacheDir),
    message: readable(text, cacheDir).slice(0, MAX_TEXT),
    ...(typeof hint === "string" ? { hint: readable(hint, cacheDir).slice(0, MAX_TEXT) } : {}),
  };
}

/** esbuild counts columns from 0, in bytes. */
function placeOf(location: Location | null, cacheDir: string): Partial<Diagnostic> {
  if (location === null) return {};
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return { file: nameOf(location.file, cacheDir), line: location.line, column: before.length + 1 };
}

/** The URL of a val's module as esbuild calls it; undefined when it is something else. */
export function urlOf(file: string): string | undefined {
  return file.startsWith("val:") ? file.slice("val:".length, -SUFFIX.length) : undefined;
}

function nameOf(file: string, cacheDir: string): string {
  const url = urlOf(file);
  if (url === undefined) return readable(file, cacheDir);
  return pathIn(OWN, url) ?? url;
}

/** Without names that only we have. */
function readable(text: string, cacheDir: string): string {
  const cache = cacheDir.slice(1).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text
    .replace(/val:(https?:\/\/\S+?)\.mts\b/g, "$1")
    .replaceAll(OWN, "")
    .replace(new RegExp(`/?${cache}/npm/[^/]+/((?:@[^/]+/)?[^/]+)/([^/]+)/`, "g"), "npm:$1@$2/")
    .replace(/\.js\.mjs\b/g, ".js");
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const own = (one: Diagnostic) => (one.file === undefined ? 2 : /^(?:https?|npm):/.test(one.file) ? 1 : 0);
  const files = (a.file ?? "") < (b.file ?? "") ? -1 : a.file === b.file ? 0 : 1;
  return own(a) - own(b) || files || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
