/** Reads what people have in `.env` files, and says by line number what of it cannot be a variable. */

import { MAX_VARIABLE, variableKeyProblem, variableValueProblem } from "../../../val/environment.ts";

/** One variable, and the line where it begins. */
export interface DotenvEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

export interface Dotenv {
  /** Each name once, in the order in which they come first. */
  readonly entries: readonly DotenvEntry[];
  /** Lines that were passed over, with the reason as a sentence. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
const QUOTES = ["'", '"', "`"];

/** Comments, `export`, values in quotes over several lines; of a name that comes twice the last one counts. */
export function parseDotenv(text: string): Dotenv {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const entries = new Map<string, DotenvEntry>();
  const problems: { line: number; text: string }[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = at + 1;
    const read = readLine(lines, at);
    at = read.next;
    if (read.problem !== undefined) problems.push({ line, text: read.problem });
    if (read.key === undefined || read.value === undefined) continue;
    const before = entries.get(read.key);
    if (before !== undefined)
      problems.push({
        line: before.line,
        text: `${read.key} comes again in line ${line}: that value counts.`,
      });
    entries.set(read.key, { key: read.key, value: read.value, line });
  }
  return { entries: [...entries.values()], problems: problems.sort((a, b) => a.line - b.line) };
}

interface Read {
  /** The line to go on with. */
  readonly next: number;
  readonly key?: string;
  readonly value?: string;
  readonly problem?: string;
}

function readLine(lines: readonly string[], at: number): Read {
  const line = lines[at]!.trim();
  if (line === "" || line.startsWith("#")) return { next: at + 1 };
  const [, written, rest] = /^(?:export\s+)?([^=]*?)\s*=\s*(.*)$/s.exec(line) ?? [];
  if (written === undefined || rest === undefined)
    return { next: at + 1, problem: `“${shorten(line)}” is no NAME=value.` };
  const quote = QUOTES.find((one) => rest.startsWith(one));
  const read = quote === undefined ? { next: at + 1, value: readPlain(rest) } : readQuoted(lines, at, quote);
  const keyProblem = variableKeyProblem(written);
  if (keyProblem !== undefined) return { next: read.next, problem: `“${shorten(written)}”: ${keyProblem}` };
  if (read.value === undefined) return read;
  const problem = variableValueProblem(read.value);
  return problem === undefined ? { ...read, key: written } : { next: read.next, problem };
}

/** Without quotes a value ends with its line, or where a comment begins. */
function readPlain(rest: string): string {
  return rest.replace(/(^|\s)#.*$/s, "").trim();
}

/** In quotes it goes on to the next of the same kind; in double ones `\n` and the like are what they stand for. */
function readQuoted(lines: readonly string[], at: number, quote: string): Read {
  let text = lines[at]!;
  let next = at + 1;
  let value = "";
  for (let i = text.indexOf(quote, text.indexOf("=")) + 1; value.length <= MAX_VARIABLE; i++) {
    if (i >= text.length) {
      if (next >= lines.length) break;
      text = lines[next++]!;
      value += "\n";
      i = -1;
      continue;
    }
    const char = text[i]!;
    if (char === quote) return endQuoted(text.slice(i + 1).trim(), next, value);
    // A backslash before what is not special stays, as in a shell.
    if (char === "\\" && quote === '"' && i + 1 < text.length) value += readEscape(text[++i]!);
    else value += char;
  }
  if (value.length <= MAX_VARIABLE) return { next: at + 1, problem: `The quote ${quote} is never closed.` };
  return { next: at + 1, problem: `What begins with the quote ${quote} is longer than a value may be.` };
}

function readEscape(char: string): string {
  return ESCAPES[char] ?? ('"\\$`'.includes(char) ? char : `\\${char}`);
}

function endQuoted(behind: string, next: number, value: string): Read {
  if (behind === "" || behind.startsWith("#")) return { next, value };
  return { next, problem: `There is more behind the closing quote: “${shorten(behind)}”.` };
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
