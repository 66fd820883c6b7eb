/** CodeMirror's languages, each loaded when a file of it is shown. */

import type { Extension } from "@codemirror/state";
import type { Language } from "./types.ts";

const script = async (options: { jsx?: boolean; typescript?: boolean }) =>
  (await import("@codemirror/lang-javascript")).javascript(options);

const LOADERS: Readonly<Record<Exclude<Language, "text">, () => Promise<Extension>>> = {
  ts: () => script({ typescript: true }),
  tsx: () => script({ typescript: true, jsx: true }),
  js: () => script({ jsx: true }),
  jsx: () => script({ jsx: true }),
  json: async () => (await import("@codemirror/lang-json")).json(),
  md: async () => (await import("@codemirror/lang-markdown")).markdown(),
  html: async () => (await import("@codemirror/lang-html")).html(),
  css: async () => (await import("@codemirror/lang-css")).css(),
  sql: async () => {
    const { sql, SQLite } = await import("@codemirror/lang-sql");
    return sql({ dialect: SQLite });
  },
};

const loaded = new Map<Language, Promise<Extension>>();

/** Highlighting, folding and indenting of a language. */
export function loadLanguage(language: Language): Promise<Extension> {
  if (language === "text") return Promise.resolve([]);
  let known = loaded.get(language);
  if (known === undefined) {
    known = LOADERS[language]();
    // What could not be loaded now may come the next time.
    known.catch(() => loaded.delete(language));
    loaded.set(language, known);
  }
  return known;
}
