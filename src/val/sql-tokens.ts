/**
 * What `node:sqlite` does not tell of an SQL text: where its statements end, what they do, and which parameters they
 * have. Tokens are cut as SQLite's tokenizer cuts them, statements as its sqlite3_complete() does.
 */

/** One statement of a text. */
export interface Statement {
  /** Without a semicolon at its end. */
  readonly text: string;
  /** What it does, in capitals, such as `INSERT`, also behind `WITH`; `EXPLAIN` for what is only explained. */
  readonly verb: string;
  /** Its first words, in capitals. */
  readonly words: readonly string[];
  /** Names of the parameters by their number, from 1 on, with their sign; null where there is only a number. */
  readonly parameters: readonly (string | null)[];
}

interface Token {
  readonly kind: "word" | "variable" | "semicolon" | "open" | "close" | "other";
  readonly start: number;
  readonly end: number;
}

const SPACE = /[ \t\n\f\r]+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const IDENTIFIER = "[A-Za-z0-9_$\\u0080-\\uffff]";
const TOKENS: readonly [Token["kind"], RegExp][] = [
  // A doubled quote makes two texts of one, which is all the same here.
  ["other", /'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)/y],
  ["semicolon", /;/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["variable", /\?[0-9]*/y],
  ["variable", new RegExp(`[:@$](?:::)*${IDENTIFIER}(?:${IDENTIFIER}|::)*(?:\\([^\\s)]*\\))?`, "y")],
  ["other", new RegExp(`(?:[0-9]|\\.[0-9])(?:[eE][+-][0-9]|${IDENTIFIER}|\\.)*`, "y")],
  ["word", new RegExp(`[A-Za-z_\\u0080-\\uffff]${IDENTIFIER}*`, "y")],
  ["other", /[\s\S]/y],
];

function* tokensOf(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    SPACE.lastIndex = at;
    if (SPACE.test(sql)) {
      at = SPACE.lastIndex;
      continue;
    }
    for (const [kind, pattern] of TOKENS) {
      pattern.lastIndex = at;
      if (!pattern.test(sql)) continue;
      // Read before the yield: another text may be cut meanwhile, with the same patterns.
      const start = at;
      at = pattern.lastIndex;
      yield { kind, start, end: at };
      break;
    }
  }
}

// The states and moves of sqlite3_complete(): a trigger's body has semicolons of its own, up to the one behind its END.
const KINDS: Readonly<Record<string, number>> = {
  EXPLAIN: 2,
  CREATE: 3,
  TEMP: 4,
  TEMPORARY: 4,
  TRIGGER: 5,
  END: 6,
};
const OTHER = 1;
const START = 0;
const MOVES = [
  // ;  other EXPLAIN CREATE TEMP TRIGGER END
  [0, 1, 2, 3, 1, 1, 1], // at the start
  [0, 1, 1, 1, 1, 1, 1], // within
  [0, 2, 1, 3, 1, 1, 1], // behind EXPLAIN
  [0, 1, 1, 1, 3, 4, 1], // behind CREATE
  [5, 4, 4, 4, 4, 4, 4], // in a trigger
  [5, 4, 4, 4, 4, 4, 6], // behind a semicolon in it
  [0, 4, 4, 4, 4, 4, 4], // behind that and END
];

/** The statements of a text, one by one, without the empty ones. */
export function* statementsOf(sql: string): Generator<Statement> {
  let tokens: Token[] = [];
  let state = START;
  for (const token of tokensOf(sql)) {
    const isEnd = token.kind === "semicolon";
    const word = token.kind === "word" ? sql.slice(token.start, token.end).toUpperCase() : "";
    state = MOVES[state]![isEnd ? 0 : (KINDS[word] ?? OTHER)]!;
    if (!isEnd || state !== START) tokens.push(token);
    else if (tokens.length > 0) {
      yield toStatement(sql, tokens);
      tokens = [];
    }
  }
  if (tokens.length > 0) yield toStatement(sql, tokens);
}

/** Where the last statement of a text that has its semicolon ends; 0 when none has. */
export function endOfStatements(sql: string): number {
  let state = START;
  let end = 0;
  for (const token of tokensOf(sql)) {
    const isEnd = token.kind === "semicolon";
    const word = token.kind === "word" ? sql.slice(token.start, token.end).toUpperCase() : "";
    state = MOVES[state]![isEnd ? 0 : (KINDS[word] ?? OTHER)]!;
    if (isEnd && state === START) end = token.end;
  }
  return end;
}

const FIRST_WORDS = 4;
const MAIN_VERBS = ["SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE"];

function toStatement(sql: string, tokens: readonly Token[]): Statement {
  const textOf = (token: Token) => sql.slice(token.start, token.end);
  const words = tokens
    .slice(0, FIRST_WORDS)
    .map((token) => (token.kind === "word" ? textOf(token).toUpperCase() : ""));
  const parameters: (string | null)[] = [];
  for (const token of tokens) if (token.kind === "variable") addParameter(parameters, textOf(token));
  return {
    text: sql.slice(tokens[0]!.start, tokens.at(-1)!.end),
    verb: words[0] === "WITH" ? verbBehindWith(tokens, textOf) : words[0]!,
    words,
    parameters,
  };
}

/** The verb follows the bracket of the last common table expression; a table of that name never does. */
function verbBehindWith(tokens: readonly Token[], textOf: (token: Token) => string): string {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "open") depth++;
    if (token.kind === "close") depth--;
    if (depth > 0 || token.kind !== "word" || tokens[index - 1]?.kind !== "close") continue;
    const word = textOf(token).toUpperCase();
    if (MAIN_VERBS.includes(word)) return word === "REPLACE" ? "INSERT" : word;
  }
  return "SELECT";
}

/** Beyond it SQLite itself refuses the statement. */
export const MAX_PARAMETERS = 32_766;

function addParameter(parameters: (string | null)[], text: string): void {
  if (text === "?") {
    if (parameters.length <= MAX_PARAMETERS) parameters.push(null);
  } else if (text.startsWith("?")) {
    const number = Number(text.slice(1));
    while (parameters.length < number && number <= MAX_PARAMETERS) parameters.push(null);
    if (parameters[number - 1] === null) parameters[number - 1] = text;
  } else if (!parameters.includes(text)) parameters.push(text);
}
