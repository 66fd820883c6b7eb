/** What is done to single modules before they are put together: `import.meta` and the like must stay those of each. */

import { type TransformOptions, transform } from "esbuild";
import { NO_JSX, NO_TSCONFIG, SUPPORTED } from "./esbuild.ts";
import type { Module } from "./sources.ts";

/** The import that gives a module its own `import.meta`; what it is answered with depends on who asks. */
export const META_IMPORT = "hamlet:meta";
const META = "__hamlet_meta";

const PRAGMA = /@jsx(?:ImportSource|Runtime)?\s+\S/;

/** JSX without a pragma means a `React` that is in scope, as for Deno; without that either, its author is to be told. */
export function withJsxRuntime({ text, mediaType }: Module): string {
  const isJsx = mediaType === "tsx" || mediaType === "jsx";
  if (!isJsx || PRAGMA.test(text) || !/\bReact\b/.test(text)) return text;
  return `${text}\n/** @jsxRuntime classic */`;
}

/** A val's module is an ES module, wherever it is looked at from. */
export function needsTransform(text: string): boolean {
  return text.includes("import.meta") || /\brequire\b/.test(text);
}

/** A module of a val with an `import.meta` of its own, and no `require`. */
export async function transformModule(text: string, loader: "ts" | "tsx" | "js" | "jsx", source: string) {
  const define = { "import.meta": META, require: "undefined" };
  return withMeta(await transform(text, { ...common(loader), define }), source);
}

const PACKAGE_NEEDS = /\bimport\.meta\b|\b__(?:dir|file)name\b|\bNODE_ENV\b/;
/** In packages only; and not the environment of this process. */
const NODE_ENV = ["process", "env", "NODE_ENV"].join(".");

/** A package's module that knows its place in the cache; undefined when it asks for nothing of the kind. */
export async function transformPackage(text: string, path: string, source: string) {
  if (!PACKAGE_NEEDS.test(text)) return undefined;
  const define = {
    "import.meta": META,
    __filename: JSON.stringify(path),
    __dirname: JSON.stringify(path.slice(0, path.lastIndexOf("/"))),
    [NODE_ENV]: '"production"',
  };
  return withMeta(await transform(text, { ...common("js"), define }), source);
}

function common(loader: "ts" | "tsx" | "js" | "jsx") {
  return {
    loader,
    target: "esnext",
    supported: SUPPORTED,
    tsconfigRaw: NO_TSCONFIG,
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: NO_JSX,
    sourcemap: "external",
    logLevel: "silent",
  } as const satisfies TransformOptions;
}

/** The import is one line more; its map goes along, so that esbuild continues it. */
function withMeta({ code, map }: { code: string; map: string }, source: string): string {
  const uses = code.includes(META);
  const { mappings, ...rest } = JSON.parse(map);
  const moved = { ...rest, sources: [source], mappings: uses ? `;${mappings}` : mappings };
  const inline = Buffer.from(JSON.stringify(moved)).toString("base64");
  const before = uses ? `import { ${META} } from ${JSON.stringify(META_IMPORT)};\n` : "";
  return `${before}${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

/** The module that answers `META_IMPORT`. `url` is an expression. */
export function metaModule(url: string, path?: string): string {
  const folder = path?.slice(0, path.lastIndexOf("/"));
  const place =
    path === undefined ? "" : `filename: ${JSON.stringify(path)}, dirname: ${JSON.stringify(folder)},`;
  return `import { metaOf, base } from "hamlet:runtime";
export const ${META} = metaOf(${url}, {${place}});`;
}

/** Who the val is, is known when it runs: its artifact may be that of many. */
export function runtimeModule(entry: string): string {
  return `const entrypoint = Deno.env.get("VALTOWN_ENTRYPOINT") ?? new URL(${JSON.stringify(entry)}, import.meta.url).href;
export const base = entrypoint.slice(0, entrypoint.length - ${entry.length});
export function metaOf(url, place) {
  return {
    __proto__: null,
    url,
    main: false,
    ...place,
    resolve(specifier) {
      if (/^\\.{0,2}\\//.test(specifier)) return new URL(specifier, url).href;
      if (URL.canParse(specifier)) return new URL(specifier).href;
      throw new TypeError('Relative import path "' + specifier + '" not prefixed with / or ./ or ../');
    },
  };
}`;
}

/** What is not there may be missed only when it is asked for, or not at all. */
export function stubModule(why: string): string {
  return `throw Object.assign(new Error(${JSON.stringify(why)}), { code: "MODULE_NOT_FOUND" });`;
}

/** A built-in module as CommonJS sees it. */
export function builtinModule(name: string): string {
  return `module.exports = process.getBuiltinModule(${JSON.stringify(name)});`;
}

/** Goes to the end of the bundle, and is there from its start: the `require` that is left over in packages. */
export function requireFunction(cache: string): string {
  const from = JSON.stringify(`file://${cache}/npm/package.js`);
  return `function require(id){return __hamlet_require()(id)}var __hamlet_required;function __hamlet_require(){return __hamlet_required??=process.getBuiltinModule("node:module").createRequire(${from})}\n`;
}
