/** Where in a text an error of SQLite is. */

export interface Place {
  readonly message: string;
  /** From 1 on. */
  readonly line: number;
  readonly column: number;
}

/** SQLite tells an offset within the statement, or the word before which it gave up, or nothing: then its beginning. */
export function placeOf(
  sql: string,
  { text, from }: { readonly text: string; readonly from: number },
  message: string,
): Place {
  const offset = /\(at offset (\d+)\)/.exec(message)?.[1];
  const near = /near "([\s\S]+?)": syntax error/.exec(message)?.[1];
  const within =
    offset !== undefined ? Number(offset) : near === undefined ? 0 : Math.max(text.indexOf(near), 0);
  const before = sql.slice(0, from + within).split("\n");
  return { message, line: before.length, column: before.at(-1)!.length + 1 };
}
