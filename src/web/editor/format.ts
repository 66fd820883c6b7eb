/** Formats a text as prettier does, in this browser; the parts of it come with the first use. */

import type { Options, Plugin } from "prettier";
import { languageOf } from "./language.ts";
import type { Language } from "./types.ts";

const estree = () => import("prettier/plugins/estree");
const script = [() => import("prettier/plugins/typescript"), estree];

const WAYS: Readonly<Partial<Record<Language, { parser: string; plugins: (() => Promise<unknown>)[] }>>> = {
  ts: { parser: "typescript", plugins: script },
  tsx: { parser: "typescript", plugins: script },
  js: { parser: "typescript", plugins: script },
  jsx: { parser: "typescript", plugins: script },
  json: { parser: "json", plugins: [() => import("prettier/plugins/babel"), estree] },
  md: { parser: "markdown", plugins: [() => import("prettier/plugins/markdown")] },
  html: {
    parser: "html",
    plugins: [() => import("prettier/plugins/html"), () => import("prettier/plugins/postcss"), ...script],
  },
  css: { parser: "css", plugins: [() => import("prettier/plugins/postcss")] },
};

/** Undefined when there is no format for it. Rejects with a sentence when the text has a mistake. */
export async function format(text: string, path: string): Promise<string | undefined> {
  const way = WAYS[languageOf(path)];
  if (way === undefined) return undefined;
  const [{ format: run }, ...plugins] = await Promise.all([
    import("prettier/standalone"),
    ...way.plugins.map((load) => load()),
  ]);
  const options: Options = { parser: way.parser, plugins: plugins as Plugin[], filepath: path };
  return await run(text, options).catch((error: unknown) => {
    const [first] = String(error instanceof Error ? error.message : error).split("\n");
    throw new Error(`It cannot be formatted: ${first}`);
  });
}
