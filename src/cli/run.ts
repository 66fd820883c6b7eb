/** `hamlet run`: a file of a val, now, with what it writes as it comes. */

import { resolve } from "node:path";
import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { optional, text, toggle } from "../flags.ts";
import type { Store, Val } from "../store/store.ts";
import { ask, type Question, refusalOf } from "./ask.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";
import { type Chosen, chooseFile } from "./run-choice.ts";
import { readRun } from "./run-events.ts";
import { type Answer, type Printer, printJson, printPlain, type Unbuilt } from "./run-print.ts";

/** As shells say it of what Ctrl-C has ended. */
const INTERRUPTED = 130;

export const runCommand = defineCommand({
  name: "run",
  usage: "USER/VAL[/PATH]",
  summary: "Run a file of a val, or call its endpoint, and print what comes of it.",
  flags: {
    branch: text("main", "the name of a branch", /./, { help: "Whose newest version is run." }),
    email: optional(
      text("", "a file with a mail, or - for standard input", /./, {
        help: "Deliver this mail to a file of type email, as if it had come in.",
      }),
      "a mail of a few words",
    ),
    json: toggle({ help: "Print each event of the run, or the endpoint's answer, as a line of JSON." }),
    data: SERVE_FLAGS.data,
  },
  run: async ({ branch, email, json, data }, [named, ...rest], output) => {
    if (!named || rest.length > 0)
      throw new HamletError(
        "config",
        "hamlet run takes one val or file, such as me/hello or me/hello/main.ts.",
      );
    return withStore(data, { mustExist: true }, async (store) => {
      const chosen = await chooseFile(store, named, { branch, mail: email !== undefined });
      const question = await questionFor(chosen, email);
      const asker = { store, data, userId: await personFor(store, chosen.val) };
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const signal of signals) process.on(signal, onSignal);
      try {
        const print = json ? printJson(output) : printPlain(output);
        return await ask(asker, { ...question, signal: stop.signal }, (response) => show(response, print));
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
  const owner = await store.orgs.firstOwner(userId);
  if (owner === undefined) throw new HamletError("config", `The organization ${username} has no owner.`);
  return owner;
}

/** What the server is asked for: a run, a visitor's request, or the delivery of a mail. */
async function questionFor({ val, branch, file }: Chosen, email: string | undefined): Promise<Question> {
  if (email !== undefined && file.type !== "email")
    throw new HamletError(
      "config",
      `${file.path} is no file of type email, which a mail could be delivered to.`,
    );
  if (file.type === "http") return toQuestion(`/v3/files/${file.id}/invoke`, {});
  if (file.type !== "email")
    return toQuestion(`/v3/vals/${val.id}/run`, { path: file.path, branchId: branch.id });
  const path = `/v2/vals/${val.id}/files/email?${new URLSearchParams({ path: file.path, branch_id: branch.id })}`;
  if (email === undefined) return toQuestion(path, {});
  const mail = email === "-" ? Bun.stdin : Bun.file(resolve(email));
  if (email !== "-" && !(await mail.exists())) throw new HamletError("config", `There is no file ${email}.`);
  return { path, body: mail.stream(), headers: { accept: EVENTS, "content-type": "message/rfc822" } };
}

const EVENTS = "text/event-stream, application/json";

function toQuestion(path: string, body: object): Question {
  return {
    path,
    body: JSON.stringify(body),
    headers: { accept: EVENTS, "content-type": "application/json" },
  };
}

/** Print what is answered, while it comes; the exit code. */
async function show(response: Response, print: Printer): Promise<number> {
  if (!response.ok || response.body === null) return refused(response, print);
  if (!response.headers.get("content-type")?.includes("event-stream")) {
    const answer = (await response.json()) as Answer;
    print.answer(answer);
    return answer.status < 400 ? 0 : 1;
  }
  for await (const event of readRun(response.body)) {
    print.event(event);
    if (event.event === "result") return 0;
    if (event.event === "error") return 1;
  }
  print.problem("The server ended before the run did.", {});
  return 1;
}

async function refused(response: Response, print: Printer): Promise<number> {
  const copy = response.clone();
  const message = await refusalOf(response);
  if (response.status !== 422 && response.status < 500 && response.status !== 429)
    throw new HamletError("config", message);
  print.problem(message, (await copy.json()) as Unbuilt);
  return 1;
}
