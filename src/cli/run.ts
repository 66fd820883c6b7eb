/** `hamlet run`: a file of a val, now, with what it writes as it comes. */

import { SERVE_FLAGS, wantsColours } from "../config.ts";
import { HamletError } from "../errors.ts";
import { text, toggle } from "../flags.ts";
import type { Store, Val } from "../store/store.ts";
import { type Asker, ask, type Question, refusalOf } from "./ask.ts";
import { defineCommand, type Output } from "./command.ts";
import { withStore } from "./data.ts";
import { type Chosen, chooseFile } from "./run-choice.ts";
import { type EndEvent, type LogEvent, type RunEvent, readRun } from "./run-events.ts";
import { maskControls } from "./terminal.ts";

/** As shells say it of what Ctrl-C has ended. */
const INTERRUPTED = 130;

export const runCommand = defineCommand({
  name: "run",
  usage: "USER/VAL[/PATH]",
  summary: "Run a file of a val, or call its endpoint, and print what comes of it.",
  flags: {
    branch: text("main", "the name of a branch", /./, { help: "Whose newest version is run." }),
    json: toggle({ help: "Print each event of the run, or the endpoint's answer, as a line of JSON." }),
    data: SERVE_FLAGS.data,
  },
  run: async ({ branch, json, data }, [named, ...rest], output) => {
    if (!named || rest.length > 0)
      throw new HamletError(
        "config",
        "hamlet run takes one val or file, such as me/hello or me/hello/main.ts.",
      );
    return withStore(data, { mustExist: true }, async (store) => {
      const chosen = await chooseFile(store, named, branch);
      const asker = { store, data, userId: await personFor(store, chosen.val) };
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const signal of signals) process.on(signal, onSignal);
      try {
        const print = json ? printJson(output) : printPlain(output);
        return await (chosen.file.type === "http" ? call : runLive)(asker, chosen, stop.signal, print);
      } catch (error) {
        if (stop.signal.aborted) return INTERRUPTED;
        throw error;
      } finally {
        for (const signal of signals) process.off(signal, onSignal);
      }
    });
  },
});

/** In whose name it is run: its owner's, or that of the first person whom its organization belongs to. */
async function personFor(store: Store, { userId, username }: Val): Promise<string> {
  const user = await store.users.find(userId);
  if (user?.type !== "org") return userId;
  const owner = (await store.orgs.members(userId)).find(({ role }) => role === "owner");
  if (owner === undefined) throw new HamletError("config", `The organization ${username} has no owner.`);
  return owner.userId;
}

/** Where the parts of a run, or of an answer, go. */
interface Printer {
  event(event: RunEvent): void;
  answer(answer: Answer): void;
  problem(message: string, details: Unbuilt): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly encoding: "text" | "base64";
  readonly truncated: boolean;
  readonly traceId: string | null;
}

interface Unbuilt {
  readonly diagnostics?: readonly {
    readonly file?: string;
    readonly line?: number;
    readonly message: string;
  }[];
}

async function runLive(asker: Asker, { val, branch, file }: Chosen, signal: AbortSignal, print: Printer) {
  const question = toQuestion(`/v3/vals/${val.id}/run`, { path: file.path, branchId: branch.id }, signal);
  return ask(asker, question, async (response) => {
    if (!response.ok || response.body === null) return refused(response, print);
    for await (const event of readRun(response.body)) {
      print.event(event);
      if (event.event === "result") return 0;
      if (event.event === "error") return 1;
    }
    print.problem("The server ended before the run did.", {});
    return 1;
  });
}

/** A visitor's request, as the API makes it. */
async function call(asker: Asker, { file }: Chosen, signal: AbortSignal, print: Printer): Promise<number> {
  return ask(asker, toQuestion(`/v3/files/${file.id}/invoke`, {}, signal), async (response) => {
    if (!response.ok) return refused(response, print);
    const answer = (await response.json()) as Answer;
    print.answer(answer);
    return answer.status < 400 ? 0 : 1;
  });
}

function toQuestion(path: string, body: object, signal: AbortSignal): Question {
  const headers = { "content-type": "application/json", accept: "text/event-stream, application/json" };
  return { path, body: JSON.stringify(body), headers, signal };
}

async function refused(response: Response, print: Printer): Promise<number> {
  const copy = response.clone();
  const message = await refusalOf(response);
  if (response.status !== 422 && response.status < 500 && response.status !== 429)
    throw new HamletError("config", message);
  print.problem(message, (await copy.json()) as Unbuilt);
  return 1;
}

function printJson({ out }: Output): Printer {
  return {
    event: (event) => out(JSON.stringify(event)),
    answer: (answer) => out(JSON.stringify({ event: "answer", ...answer })),
    problem: (message, { diagnostics }) =>
      out(JSON.stringify({ event: "error", status: "failed", error: { message }, diagnostics })),
  };
}

/** On a terminal nothing of a val may drive it, and what went wrong has a colour; elsewhere all is as it was written. */
function printPlain({ out, err }: Output): Printer {
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
