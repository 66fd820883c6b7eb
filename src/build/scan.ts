/** Reads what `deno info --json` found in a val's module graph. Deno parses the sources and runs nothing of them. */

import type { Diagnostic } from "./diagnostic.ts";

export interface Scan {
  readonly diagnostics: Diagnostic[];
  /** Something must come from a registry or another host before the val can start. */
  readonly remote: boolean;
  /** URL of the val's root as Deno saw it, with a slash at its end. */
  readonly root: string;
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
 * @throws when it is not such an output
 */
export function parseScan(output: string, entry: string): Scan {
  const graph = JSON.parse(output) as { roots: string[]; modules: Module[] };
  const rootUrl = graph.roots[0];
  if (rootUrl === undefined) throw new Error("deno info named no root.");
  const root = rootUrl.slice(0, rootUrl.length - encodeURI(entry).length);
  const broken = new Map(
    graph.modules.flatMap((module) => (module.error === undefined ? [] : [[module.specifier, module]])),
  );
  const diagnostics = graph.modules.flatMap((module) => ofModule(module, broken, root));
  const isBad = (module: Module) => module.error !== undefined && !REMOTE.test(module.specifier);
  for (const module of graph.modules.filter(isBad)) diagnostics.push(...ofBroken(module, root));
  return { diagnostics, remote: graph.modules.some((module) => REMOTE.test(module.specifier)), root };
}

/** The val's own path of a module URL, or the URL itself. */
export function ownPath(url: string, root: string): string {
  return url.startsWith(root) ? decodeURI(url.slice(root.length)) : url;
}

/** Imports of this module that lead nowhere, each at its own place; a dynamic one may still be caught at run time. */
function ofModule(module: Module, broken: ReadonlyMap<string, Module>, root: string): Diagnostic[] {
  return (module.dependencies ?? []).flatMap(({ specifier, code, isDynamic }) => {
    if (code === undefined || isDynamic) return [];
    const place = { file: ownPath(module.specifier, root), ...position(code.span?.start) };
    if (code.error !== undefined)
      return [{ ...place, message: stripPlace(code.error, root), hint: hintFor(specifier) }];
    const target = code.specifier === undefined ? undefined : broken.get(code.specifier);
    if (target === undefined || REMOTE.test(target.specifier) || !isMissing(target)) return [];
    return [
      {
        ...place,
        message: `There is no file "${ownPath(target.specifier, root)}" in this val.`,
        hint: hintFor(specifier),
      },
    ];
  });
}

/** A module that cannot be read at all: told at its own place, unless its importers were told. */
function ofBroken(module: Module, root: string): Diagnostic[] {
  if (isMissing(module) || module.error === undefined) return [];
  return [fromMessage(module.error, root)];
}

function isMissing(module: Module): boolean {
  return module.error?.startsWith("Module not found") === true;
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
  return message
    .split("\n")[0]!
    .replaceAll(root, "")
    .replace(/^error: /, "")
    .trim();
}

function position(start: Span | undefined): { line?: number; column?: number } {
  return start === undefined ? {} : { line: start.line + 1, column: start.character + 1 };
}

function hintFor(specifier: string): string {
  if (/^\.{0,2}\//.test(specifier)) return "Check the path; it needs its file extension.";
  return `Packages are imported as "npm:${specifier}", built-in modules as "node:${specifier}".`;
}
