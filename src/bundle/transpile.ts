/** One module as JavaScript, for browsers and others that read no TypeScript. */

import { build, type Plugin, transform } from "esbuild";
import { NO_TSCONFIG } from "./esbuild.ts";
import { mediaTypeOf } from "./sources.ts";

const OPTIONS = {
  format: "esm",
  platform: "neutral",
  target: "esnext",
  tsconfigRaw: NO_TSCONFIG,
  charset: "utf8",
  sourcemap: "external",
  logLevel: "silent",
  logLimit: 0,
} as const;

export interface Transpiled {
  readonly code: Uint8Array;
  readonly map: Uint8Array;
}

/**
 * Nothing that it imports is looked at.
 * @param prefixes beginnings of import specifiers, and what to write instead; the longest that fits counts
 * @throws esbuild's BuildFailure
 */
export async function transpile(
  { path, content, url }: { path: string; content: string; url: string },
  prefixes: Readonly<Record<string, string>>,
): Promise<Transpiled> {
  const mediaType = mediaTypeOf(path);
  const loader = mediaType === "json" || mediaType === "wasm" || mediaType === "other" ? "tsx" : mediaType;
  const options = {
    ...OPTIONS,
    jsx: /@jsxImportSource\s/.test(content) ? "automatic" : "transform",
  } as const;
  if (!Object.keys(prefixes).some((prefix) => content.includes(prefix))) {
    const { code, map } = await transform(content, { ...options, loader, sourcefile: url });
    return { code: Buffer.from(code), map: Buffer.from(map) };
  }
  const { outputFiles } = await build({
    ...options,
    stdin: { contents: content, sourcefile: url, loader, resolveDir: "/" },
    plugins: [leaveImports(prefixes)],
    // Only a build asks a plugin what to write for an import.
    bundle: true,
    treeShaking: false,
    write: false,
    outfile: "/module.js",
  });
  const find = (end: string) => outputFiles.find((file) => file.path.endsWith(end))!;
  // What the module is called would be read as a path, and be told in a comment.
  const map = { ...JSON.parse(find(".map").text), sources: [url] };
  return withoutName(find(".js").text, map);
}

/** A bundle says in a line of its own what a module was called, as if that were a path. */
function withoutName(text: string, map: { readonly mappings: string }): Transpiled {
  const isNamed = /^\/\/ \.\.\/\S*\n/.test(text);
  const code = isNamed ? text.slice(text.indexOf("\n") + 1) : text;
  const mappings = isNamed ? map.mappings.replace(/^;/, "") : map.mappings;
  return { code: Buffer.from(code), map: Buffer.from(JSON.stringify({ ...map, mappings })) };
}

function leaveImports(prefixes: Readonly<Record<string, string>>): Plugin {
  const known = Object.entries(prefixes).sort(([a], [b]) => b.length - a.length);
  return {
    name: "leave-imports",
    setup({ onResolve }) {
      onResolve({ filter: /^/ }, ({ path }) => {
        const [from = "", to = ""] = known.find(([prefix]) => path.startsWith(prefix)) ?? [];
        return { path: to + path.slice(from.length), external: true };
      });
    },
  };
}
