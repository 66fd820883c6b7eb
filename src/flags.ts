/** How a command line is read: one table of flags per command drives parsing, the help text and the documentation. */

import { HamletError } from "./errors.ts";

/** One flag. The default is written as the user would write it, so that help, docs and parsing cannot disagree. */
export interface Flag<T> {
  /** The value, or undefined if the text is not acceptable. */
  readonly parse: (text: string) => { value: T } | undefined;
  /** What is acceptable, to complete "--port takes …". */
  readonly accepts: string;
  readonly fallback: string;
  readonly help: string;
  /** How the default reads in help and docs, where the text itself would say nothing. */
  readonly shown?: string;
  /** Takes no value on the command line. */
  readonly isSwitch?: true;
  /** Values of several uses are joined by commas. */
  readonly repeatable?: true;
  /** One letter for `-x`. */
  readonly short?: string;
  /** A password or key: no message repeats it. */
  readonly secret?: true;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Values<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Parsed<F extends Flags> {
  readonly values: Values<F>;
  readonly positionals: readonly string[];
}

/** `maxBody` → `--max-body`. */
export const toFlagName = (key: string) =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
/** `maxBody` → `HAMLET_MAX_BODY`. */
export const toVariableName = (key: string) =>
  `HAMLET_${key.replace(/[A-Z]/g, (l) => `_${l}`).toUpperCase()}`;

/**
 * Reads `argv` (without program and command) over `env` over the defaults.
 * Throws HamletError `config` with one sentence that names the flag and what it takes.
 */
export function parseFlags<F extends Flags>(
  command: string,
  flags: F,
  argv: readonly string[],
  env: Environment,
): Parsed<F> {
  const { given, positionals } = readArguments(command, flags, argv);
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    const typed = given.get(key);
    const variable = env[toVariableName(key)] || undefined;
    const text = typed ?? variable ?? flag.fallback;
    const parsed = flag.parse(text);
    if (!parsed) {
      const shown = flag.secret ? "…" : text;
      const where = typed === undefined ? `${toVariableName(key)}=${shown}` : `${toFlagName(key)} ${shown}`;
      throw new HamletError(
        "config",
        `${where.trimEnd()} is not usable: ${toFlagName(key)} takes ${flag.accepts}.`,
      );
    }
    values[key] = parsed.value;
  }
  return { values: Object.freeze(values) as Values<F>, positionals };
}

/** The flags as lines for `--help`: name, meaning, default. */
export function renderFlags(flags: Flags): string {
  const rows = Object.entries(flags).map(([key, flag]) => {
    const short = flag.short ? `-${flag.short}, ` : "";
    return {
      left: `  ${short}${toFlagName(key)}${flag.isSwitch ? "" : " …"}`,
      right: flag.help,
      shown: shownDefault(flag),
    };
  });
  const width = Math.max(...rows.map((row) => row.left.length)) + 2;
  return rows.map((r) => `${r.left.padEnd(width)}${r.right}${r.shown && ` Default: ${r.shown}.`}`).join("\n");
}

/** The flags as a Markdown table, for the README; its test fails when the two differ. */
export function renderTable(flags: Flags): string {
  const rows = Object.entries(flags).map(([key, flag]) => {
    const shown = shownDefault(flag);
    const fallback = flag.shown === undefined && shown ? `\`${shown}\`` : shown;
    return `| \`${toFlagName(key)}\` | \`${toVariableName(key)}\` | ${fallback} | ${flag.help} |`;
  });
  return ["| flag | variable | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

// ── Kinds of flags ──────────────────────────────────────────────────────────────────────────────────────────

type Texts = Pick<Flag<unknown>, "help"> & Partial<Pick<Flag<unknown>, "shown" | "short" | "secret">>;

export const text = (fallback: string, accepts: string, pattern: RegExp, texts: Texts): Flag<string> => ({
  ...texts,
  fallback,
  accepts,
  parse: (given) => (pattern.test(given) ? { value: given } : undefined),
});

/** The same flag, but it may be left out. */
export const optional = <T>(flag: Flag<T>, shown: string): Flag<T | undefined> => ({
  ...flag,
  fallback: "",
  shown,
  parse: (given) => (given === "" ? { value: undefined } : flag.parse(given)),
});

export const choice = <const T extends string>(
  options: readonly T[],
  fallback: T,
  texts: Texts,
): Flag<T> => ({
  ...texts,
  fallback,
  accepts: options.join(", ").replace(/, ([^,]*)$/, " or $1"),
  parse: (given) => {
    const value = options.find((option) => option === given);
    return value === undefined ? undefined : { value };
  },
});

export const toggle = (texts: Texts): Flag<boolean> => ({
  ...texts,
  isSwitch: true,
  fallback: "false",
  accepts: "true or false",
  parse: (given) =>
    /^(true|1|yes)$/.test(given)
      ? { value: true }
      : /^(false|0|no)$/.test(given)
        ? { value: false }
        : undefined,
});

export const integer = (fallback: number, min: number, max: number, texts: Texts): Flag<number> => ({
  ...texts,
  fallback: String(fallback),
  accepts: `a whole number from ${min} to ${max}`,
  parse: (given) => inRange(/^\d{1,15}$/.test(given) ? Number(given) : Number.NaN, min, max),
});

const SIZES: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** Bytes; 1 KB is 1,024 bytes. */
export const size = (fallback: string, min: string, texts: Texts, max?: string): Flag<number> => ({
  ...texts,
  fallback,
  accepts:
    max === undefined
      ? `a size of at least ${min}, such as 512KB, 100MB or 2GB`
      : `a size from ${min} to ${max}`,
  parse: (given) => {
    const most = max === undefined ? 2 ** 50 : withUnit(max, SIZES);
    return inRange(withUnit(given.toUpperCase(), SIZES), withUnit(min, SIZES), most);
  },
});

const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds. */
export const duration = (fallback: string, texts: Texts): Flag<number> => ({
  ...texts,
  fallback,
  accepts: "a length of time with its unit, such as 500ms, 10s, 5m, 2h or 7d",
  parse: (given) => inRange(withUnit(given, DURATIONS), 0, 10 * 365 * 86_400_000),
});

/** Comma-separated, and each use of the flag adds to it. */
export const list = <T>(
  item: string,
  parse: (text: string) => T | undefined,
  texts: Texts,
): Flag<readonly T[]> => ({
  ...texts,
  repeatable: true,
  fallback: "",
  accepts: `${item}; several are joined by commas, or the flag is repeated`,
  parse: (given) => {
    const parts = given
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean);
    const items = parts.map(parse).filter((value) => value !== undefined);
    return items.length === parts.length ? { value: Object.freeze(items) } : undefined;
  },
});

// ── Inner parts ─────────────────────────────────────────────────────────────────────────────────────────────

function readArguments(command: string, flags: Flags, argv: readonly string[]) {
  const given = new Map<string, string>();
  const positionals: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === "--") return { given, positionals: [...positionals, ...argv.slice(i + 1)] };
    if (!/^-./.test(argument)) {
      positionals.push(argument);
      continue;
    }
    const [name = argument, ...rest] = argument.split("=");
    const inline = argument.includes("=") ? rest.join("=") : undefined;
    const key = Object.keys(flags).find((k) => toFlagName(k) === name || `-${flags[k]!.short}` === name);
    if (key === undefined) throw unknownFlag(command, flags, name);
    const flag = flags[key]!;
    const value = inline ?? (flag.isSwitch ? "true" : argv[++i]);
    if (value === undefined) {
      throw new HamletError("config", `${name} is not usable without a value: it takes ${flag.accepts}.`);
    }
    const before = given.get(key);
    given.set(key, flag.repeatable && before !== undefined ? `${before},${value}` : value);
  }
  return { given, positionals };
}

function unknownFlag(command: string, flags: Flags, name: string): HamletError {
  const near = nearest(name, Object.keys(flags).map(toFlagName));
  const hint = near ? `did you mean ${near}?` : `"hamlet ${command} --help" lists what it takes.`;
  return new HamletError("config", `hamlet ${command} does not know the flag ${name}: ${hint}`);
}

/** The closest word within a third of its length in edits (Levenshtein), if any. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = words.map((w) => ({ w, d: distance(word, w) })).sort((a, b) => a.d - b.d);
  const best = ranked[0];
  return best && best.d <= Math.ceil(best.w.length / 3) ? best.w : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, swap));
    }
    row = next;
  }
  return row[b.length]!;
}

function withUnit(given: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([a-zA-Z]+)$/.exec(given);
  return Math.round(Number(match?.[1]) * (units[match?.[2] ?? ""] ?? Number.NaN));
}

const inRange = (value: number, min: number, max: number) =>
  value >= min && value <= max ? { value } : undefined;

const shownDefault = (flag: Flag<unknown>) => flag.shown ?? (flag.isSwitch ? "" : flag.fallback);
