/** Which program was asked for? `serve` is the server; anything else is a command of the command line. */

import { renderWelcome } from "../src/cli/welcome.ts";
import { parseConfig } from "../src/config.ts";
import { HamletError } from "../src/errors.ts";

const argv = process.argv.slice(2);
const wantsHelp = argv.includes("--help") || argv.includes("-h");

try {
  if (argv[0] === "serve" && !wantsHelp) await serveUntilStopped(argv.slice(1));
  else process.exitCode = await runCommand(argv);
} catch (error) {
  if (!(error instanceof HamletError) || error.code !== "config") throw error;
  process.stderr.write(`hamlet: ${error.message}\n`);
  process.exit(2);
}

/** What a command needs, the server has no use for, and the other way round: each is loaded alone. */
async function runCommand(argv: readonly string[]): Promise<number> {
  const { run } = await import("../src/cli/cli.ts");
  return run(argv, { out: print(process.stdout), err: print(process.stderr) });
}

async function serveUntilStopped(args: readonly string[]): Promise<void> {
  const config = parseConfig(args);
  const stopped = firstSignal();
  const { serve } = await import("../src/server.ts");
  const server = await serve(config);
  const { apiPort } = server.town;
  const ready = {
    ...{ ready: true, url: server.url, api: `${server.url}/api`, pid: process.pid },
    ...(apiPort !== undefined && { apiPort: Number(apiPort.slice(1)) }),
  };
  print(process.stdout)(config.json ? JSON.stringify(ready) : renderWelcome(server.town, server.first));
  await stopped;
  await server.close();
  process.exit(0);
}

/** Settles at the first SIGTERM, SIGINT or SIGHUP; a second one ends the process at once. */
function firstSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = () => {
    if (++signals > 1) process.exit(1);
    resolve();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, onSignal);
  return promise;
}

function print(stream: NodeJS.WriteStream) {
  // `hamlet logs -f me/hello | head` is no error.
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return (line: string) => void stream.write(`${line}\n`);
}
