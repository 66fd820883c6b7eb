/** The program inside every worker: becomes ready while blank, then one val for life. */

import type { Command, Trigger } from "../wire/control.ts";
import { createBackground } from "./background.ts";
import { readCommands, readHello } from "./commands.ts";
import { describe, installConsole } from "./console.ts";
import { emailHandler } from "./email.ts";
import { intervalHandler } from "./interval.ts";
import { exit, print } from "./intrinsics.ts";
import { type Handler, handlerIn, load } from "./load.ts";
import { createReporter } from "./report.ts";
import { scriptHandler } from "./script.ts";
import { serve } from "./serve.ts";
import { openShortWay } from "./town.ts";
import { dropPermissions, warmUp } from "./warm.ts";

const hello = readHello();
const report = createReporter(hello.nonce, hello.logLines, hello.logBytes);
const server = serve(hello.socket, report);
const background = createBackground(report);
let draining = false;

/** How a val is called, by what starts it. */
const TRIGGERS: Readonly<Record<Trigger, (entry: string) => Handler | Promise<Handler>>> = {
  http: load,
  interval: (entry) => intervalHandler(handlerIn(entry, "interval"), report, background),
  email: (entry) => emailHandler(handlerIn(entry, "email"), report, background),
  script: (entry) => scriptHandler(entry, report, background),
};

await warmUp(server, hello.socket);
dropPermissions(hello.socket);
installConsole(report);
report.ready();
watchServer();
await readCommands(obey);
// Nobody commands any more: the host is gone.
exit(0);

function obey(command: Command): void {
  switch (command.kind) {
    case "ping":
      report.pong(command.id);
      return;
    case "claim":
      become(command);
      return;
    case "drain":
      drain();
  }
}

async function become({
  entry,
  env,
  town,
  trigger = "http",
  backgroundMs,
}: Extract<Command, { kind: "claim" }>): Promise<void> {
  try {
    replaceEnv(env);
    if (town) openShortWay(town);
    background.limit(backgroundMs);
    server.answerWith(await TRIGGERS[trigger](entry));
    report.loaded();
  } catch (error) {
    // The host ends this process, and answers the requests that wait: only it can tell them why.
    report.failed(describe(error));
  }
}

/** What Deno itself was started with is not the val's to see, but for where it may write: makeTempFile looks there. */
function replaceEnv(env: Record<string, string>): void {
  for (const name of Object.keys(Deno.env.toObject())) if (name !== "TMPDIR") Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  // As on Val Town: variables are set in the val's settings only, and code that tries goes on. Node's go the same way.
  Deno.env.set = () => {};
  Deno.env.delete = () => {};
}

// A val can stop its own server: Deno does, when a request was upgraded and another response is returned for it.
async function watchServer(): Promise<void> {
  await server.stopped;
  if (draining) return;
  print(
    "The worker's HTTP server has stopped: was a request upgraded, and its response not returned?\n",
    true,
  );
  exit(1);
}

async function drain(): Promise<void> {
  draining = true;
  await server.drain();
  background.settled(() => exit(0));
}
