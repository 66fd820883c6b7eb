/**
 * Parsers of both directions of the control channel, by hand: they run beside hostile code (guest) and on its output
 * (host), thousands of times a second. Every answer is `undefined` or a fresh object of exactly the promised shape.
 */

import {
  type Command,
  type LogLevel,
  MAX_CONTROL_LINE,
  type Outcome,
  type Report,
  type ShortWay,
  type Trigger,
} from "./control.ts";

// Taken at start: in the guest the val may replace JSON.parse later.
const { parse } = JSON;
const { isInteger } = Number;
const { setPrototypeOf } = Object;

const TRACE_ID = /^[0-9a-f]{32}$/;

/** One line of the guest's stdin, without its end; undefined when it is too long, malformed or of an unknown kind. */
export function parseCommand(line: string): Command | undefined {
  const fields = parseObject(line);
  if (!fields) return undefined;
  const { kind, nonce, socket, logLines, logBytes, entry, env, town, trigger, backgroundMs, id } = fields;
  switch (kind) {
    case "hello":
      if (typeof nonce !== "string" || typeof socket !== "string") return undefined;
      return isCount(logLines) && isCount(logBytes) ? { kind, nonce, socket, logLines, logBytes } : undefined;
    case "claim":
      if (typeof entry !== "string" || !isEnv(env)) return undefined;
      return {
        kind,
        entry,
        env,
        ...(isShortWay(town) ? { town } : {}),
        ...(isTrigger(trigger) ? { trigger } : {}),
        ...(isCount(backgroundMs) ? { backgroundMs } : {}),
      };
    case "ping":
      return isCount(id) ? { kind, id } : undefined;
    case "drain":
      return { kind };
    default:
      return undefined;
  }
}

/** One line of the guest's stdout after its nonce; undefined when it is too long, malformed or of an unknown kind. */
export function parseReport(line: string): Report | undefined {
  const fields = parseObject(line);
  if (!fields) return undefined;
  const { kind, message, id, level, time, trace, text, outcome, busy } = fields;
  switch (kind) {
    case "ready":
    case "loaded":
      return { kind };
    case "failed":
      return typeof message === "string" ? { kind, message } : undefined;
    case "pong":
      return isCount(id) ? { kind, id } : undefined;
    case "background":
      return typeof busy === "boolean" ? { kind, busy } : undefined;
    case "ended": {
      const known = toOutcome(outcome);
      return known && isTrace(trace) ? { kind, trace, outcome: known } : undefined;
    }
    case "log":
      if (typeof text !== "string" || !isLevel(level) || !isTrace(trace)) return undefined;
      return typeof time === "number" && Number.isFinite(time)
        ? { kind, level, time, trace, text }
        : undefined;
    default:
      return undefined;
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_CONTROL_LINE) return undefined;
  try {
    const value: unknown = parse(line);
    // Without a prototype, for in the guest the val can put fields on Object's.
    return typeof value === "object" && value !== null ? setPrototypeOf(value, null) : undefined;
  } catch {
    return undefined;
  }
}

function toOutcome(value: unknown): Outcome | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { ok, value: shown, error } = setPrototypeOf(value, null) as Record<string, unknown>;
  if (ok === true) return typeof shown === "string" ? { ok, value: shown } : { ok };
  if (ok !== false || typeof error !== "object" || error === null) return undefined;
  const { name, message, stack } = setPrototypeOf(error, null) as Record<string, unknown>;
  if (typeof name !== "string" || typeof message !== "string" || typeof stack !== "string") return undefined;
  return { ok, error: { name, message, stack } };
}

function isTrigger(value: unknown): value is Trigger {
  return value === "http" || value === "interval" || value === "email" || value === "script";
}

function isCount(value: unknown): value is number {
  return isInteger(value) && (value as number) >= 0;
}

function isLevel(value: unknown): value is LogLevel {
  return value === "debug" || value === "info" || value === "warn" || value === "error";
}

function isTrace(value: unknown): value is string {
  return typeof value === "string" && (value === "" || TRACE_ID.test(value));
}

function isShortWay(value: unknown): value is ShortWay {
  if (typeof value !== "object" || value === null || !("door" in value && "hosts" in value)) return false;
  const { door, hosts } = value;
  return typeof door === "string" && Array.isArray(hosts) && hosts.every((host) => typeof host === "string");
}

function isEnv(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((each) => typeof each === "string");
}
