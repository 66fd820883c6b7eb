/** Where lines go: one line per event on stderr, for a person or, with `json`, for a machine. */

export type Level = "info" | "warn" | "error";

/** Values that are not undefined are written after the message; an Error with its causes and stacks. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly json: boolean;
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

/** A log whose every call writes exactly one line: line breaks and control characters are escaped. */
export function createLog({
  json,
  write = (line) => process.stderr.write(line),
  now = Date.now,
}: LogOptions): Log {
  const emit =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      const time = new Date(now()).toISOString();
      write(`${json ? toJson(time, level, message, fields) : toText(time, level, message, fields)}\n`);
    };
  return { info: emit("info"), warn: emit("warn"), error: emit("error") };
}

function toJson(time: string, level: Level, message: string, fields: Fields): string {
  const plain = Object.entries(fields).map(([key, value]) => [
    key,
    value instanceof Error ? toStory(value) : value,
  ]);
  return JSON.stringify({ time, level, message, ...Object.fromEntries(plain) });
}

function toText(time: string, level: Level, message: string, fields: Fields): string {
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${toValue(value)}`);
  const mark = level === "info" ? "" : `${level}: `;
  return [`${time.slice(11, 23)} ${mark}${escapeControls(message)}`, ...shown].join(" ");
}

function toValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(toStory(value));
  if (typeof value === "string" && /^[\w./:@+-]+$/.test(value)) return value;
  return JSON.stringify(value) ?? String(value);
}

/** An error's stack, then those of its causes. */
function toStory(error: Error): string {
  const own = error.stack || `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by ${toStory(error.cause)}` : own;
}

/** A val's text must not be able to forge a line of the operator's, nor drive his terminal. */
const escapeControls = (text: string) =>
  text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
