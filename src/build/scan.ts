/** Reads what `deno info --json` found in a val's module graph. Deno parses the sources and runs nothing of them. */

import type { Diagnostic } from "./diagnostic.ts";

export interface Scan {
  readonly diagnostics: Diagnostic[];
  /** Something must come from a registry or another host before the val can start. */
  readonly remote: boolean;
}

interface Span {
  readonly line: number;
  readonly character: number;
}

interface Edge {
  readonly specifier?: string;
  readonly error?: string;
  readonly span?: { readonly start: Span };
}

interface Module {
  readonly specifier: string;
  readonly error?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: Edge;
    readonly isDynamic?: boolean;
  }[];
}

const REMOTE = /^(?:npm|jsr|https?):/;

/**
 * @param output of `deno info --json --no-npm --no-remote ENTRY`
 * @param root URL of the val's folder as Deno saw it, with a slash at its end
 * @throws when it is not such an output
 */
export function parseScan(output: string, root: string): Scan {
  const { modules } = JSON.parse(output) as { modules: Module[] };
  const broken = new Map(modules.flatMap((one) => (one.error === undefined ? [] : [[one.specifier, one]])));
  const diagnostics = modules.filter(isOwn(root)).flatMap((module) => ofModule(module, broken, root));
  for (const module of modules.filter(isOwn(root))) diagnostics.push(...ofBroken(module, root));
  return { diagnostics, remote: modules.some((module) => REMOTE.test(module.specifier)) };
}

/** The val's own path of a module URL, or the URL itself. */
export function ownPath(url: string, root: string): string {
  return url.startsWith(root) ? decodeURI(url.slice(root.length)) : url;
}

function isOwn(root: string): (module: Module) => boolean {
  return ({ specifier }) => specifier.startsWith(root);
}

/** Imports of this module that lead nowhere, each at its own place; a dynamic one may still be caught at run time. */
function ofModule(module: Module, broken: ReadonlyMap<string, Module>, root: string): Diagnostic[] {
  return (module.dependencies ?? []).flatMap(({ specifier, code, isDynamic }) => {
    if (code === undefined || isDynamic) return [];
    const message = whatIsWrong(code, broken, root);
    if (message === undefined) return [];
    const place = { file: ownPath(module.specifier, root), ...position(code.span?.start) };
    const hint = hintFor(specifier);
    return [{ ...place, message, ...(hint === undefined ? {} : { hint }) }];
  });
}

function whatIsWrong(code: Edge, broken: ReadonlyMap<string, Module>, root: string): string | undefined {
  if (code.error !== undefined) return stripPlace(code.error, root);
  const target = code.specifier ?? "";
  // Before anything else is said of it: Deno reads the host's files here as gladly as the val's.
  if (target.startsWith("file:") && !target.startsWith(root)) return "A val can import its own files only.";
  const found = broken.get(target);
  return found && isMissing(found) ? `There is no file "${ownPath(target, root)}" in this val.` : undefined;
}

/** A module that cannot be read at all: told at its own place, unless its importers were told. */
function ofBroken(module: Module, root: string): Diagnostic[] {
  if (isMissing(module) || module.error === undefined) return [];
  return [fromMessage(module.error, root)];
}

function isMissing(module: Module): boolean {
  return !REMOTE.test(module.specifier) && module.error?.startsWith("Module not found") === true;
}

/** A message of Deno's that ends with `at URL:LINE:COLUMN`. */
export function fromMessage(message: string, root: string): Diagnostic {
  const place = /\n\s+at (\S+):(\d+):(\d+)\s*$/m.exec(message);
  const text = stripPlace(message, root);
  if (place === null) return { message: text };
  return {
    file: ownPath(place[1]!, root),
    line: Number(place[2]),
    column: Number(place[3]),
    message: text,
  };
}

function stripPlace(message: string, root: string): string {
  const text = message
    .split("\n")[0]!
    .replaceAll(root, "")
    .replace(/^error: /, "")
    .trim();
  const refused = /^Requires import access to "([^"]+)"/.exec(text);
  return refused ? `Modules of ${refused[1]} cannot be imported: the address is not a public one.` : text;
}

function position(start: Span | undefined): { line?: number; column?: number } {
  return start === undefined ? {} : { line: start.line + 1, column: start.character + 1 };
}

function hintFor(specifier: string): string | undefined {
  if (/^\.{0,2}\//.test(specifier)) return "Check the path; it needs its file extension.";
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return undefined;
  return `Packages are imported as "npm:${specifier}", built-in modules as "node:${specifier}".`;
}
