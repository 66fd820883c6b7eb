/** What comes of a run, as it is printed. */

import { wantsColours } from "../config.ts";
import type { Output } from "./command.ts";
import type { EndEvent, LogEvent, RunEvent } from "./run-events.ts";
import { maskControls } from "./terminal.ts";

/** Where the parts of a run, or of an answer, go. */
export interface Printer {
  event(event: RunEvent): void;
  answer(answer: Answer): void;
  problem(message: string, details: Unbuilt): void;
}

/** What an endpoint has answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly encoding: "text" | "base64";
  readonly truncated: boolean;
  readonly traceId: string | null;
}

/** Where the mistakes are, if there are any. */
export interface Unbuilt {
  readonly diagnostics?: readonly {
    readonly file?: string;
    readonly line?: number;
    readonly message: string;
  }[];
}

/** A line of JSON for each. */
export function printJson({ out }: Output): Printer {
  return {
    event: (event) => out(JSON.stringify(event)),
    answer: (answer) => out(JSON.stringify({ event: "answer", ...answer })),
    problem: (message, { diagnostics }) =>
      out(JSON.stringify({ event: "error", status: "failed", error: { message }, diagnostics })),
  };
}

/** On a terminal nothing of a val may drive it, and what went wrong has a colour; elsewhere all is as it was written. */
export function printPlain({ out, err }: Output): Printer {
  const [toOut, toErr] = [styleOf(process.stdout), styleOf(process.stderr)];
  const complain = (text: string) => err(toErr(text, RED));
  const end = ({ event, value, reason, error, traceId }: EndEvent) => {
    if (value !== undefined) out(toOut(value, CYAN));
    if (event === "result") return;
    // What it threw is its last line already, with the stack.
    if (reason !== "val_threw" && error) complain(`${error.name}: ${error.message}`);
    if (traceId) err(toErr(`It has failed; hamlet trace ${traceId} shows it again.`, RED));
  };
  return {
    event(event) {
      if (event.event === "log") printLine(event);
      else if (event.event === "dropped") err(toErr(`… ${event.count} more lines are in its trace`, YELLOW));
      else if (event.event !== "start") end(event);
    },
    answer({ status, body, encoding, truncated, traceId }) {
      const more = `${encoding === "base64" ? ", bytes as base64" : ""}${truncated ? ", of which this is the beginning" : ""}`;
      err(
        toErr(
          `Answered with ${status}${more}${traceId ? `; trace ${traceId}` : ""}`,
          status < 400 ? PLAIN : RED,
        ),
      );
      out(toOut(body.replace(/\n$/, ""), PLAIN));
    },
    problem(message, { diagnostics = [] }) {
      complain(message);
      for (const { file, line, message: detail } of diagnostics)
        complain(
          `  ${file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `}${detail}`,
        );
    },
  };

  function printLine({ stream, level, text: line }: LogEvent): void {
    if (stream === "stdout") out(toOut(line, PLAIN));
    else err(toErr(line, level === "warn" ? YELLOW : RED));
  }
}

const PLAIN = "";
const RED = "\x1b[31m";
const YELLOW = "\x1b[33m";
const CYAN = "\x1b[36m";

function styleOf(stream: { readonly isTTY?: boolean }): (text: string, colour: string) => string {
  if (!stream.isTTY) return (line) => line;
  const colours = wantsColours();
  return (line, colour) =>
    colours && colour !== PLAIN ? `${colour}${maskControls(line)}\x1b[0m` : maskControls(line);
}
