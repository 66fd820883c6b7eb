import type { Language } from "./types.ts";

const BY_ENDING: Readonly<Record<string, Language>> = {
  ts: "ts",
  mts: "ts",
  cts: "ts",
  tsx: "tsx",
  js: "js",
  mjs: "js",
  cjs: "js",
  jsx: "jsx",
  json: "json",
  jsonc: "json",
  md: "md",
  markdown: "md",
  html: "html",
  htm: "html",
  svg: "html",
  xml: "html",
  css: "css",
  sql: "sql",
};

/** The language of a file, by the ending of its name. */
export function languageOf(path: string): Language {
  return BY_ENDING[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "text";
}

/** Whether TypeScript has something to say about it. */
export function isScript(language: Language): boolean {
  return language === "ts" || language === "tsx" || language === "js" || language === "jsx";
}
