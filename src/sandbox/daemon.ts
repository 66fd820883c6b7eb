import { HamletError } from "../errors.ts";
import { type Piped, startPiped } from "./spawn.ts";

const TAIL = 4096;
const WAIT_MS = 10_000;
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** A long-lived program of the town: its stdin stays open, the end of its stderr is kept for the operator. */
export interface Daemon {
  readonly name: string;
  readonly child: Piped;
  lastWords(): string;
}

/** Start one; throws HamletError `config` when it is not installed. */
export function startDaemon(name: string, command: readonly string[]): Daemon {
  let child: Piped;
  try {
    child = startPiped(command, { PATH, LC_ALL: "C" });
  } catch (cause) {
    throw new HamletError("config", `${name} cannot be started: is it installed?`, { cause });
  }
  let tail = "";
  // Read for good: a full pipe would stop it.
  (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) tail = (tail + decoder.decode(chunk)).slice(-TAIL);
  })();
  return { name, child, lastWords: () => tail.trim() };
}

/** Reads a daemon's stdout up to each of the words it is expected to say, in turn. */
export function createListener(daemon: Daemon) {
  const reader = daemon.child.stdout.getReader();
  const decoder = new TextDecoder();
  let heard = "";
  const listen = async (word: string) => {
    while (!heard.includes(`${word}\n`)) {
      const { value, done } = await reader.read();
      if (done) return new Promise<never>(() => {}); // its exit is told below
      heard += decoder.decode(value);
    }
  };
  /** Settles once `word` was said; rejects with HamletError `config` when one of `daemons` ends first, or time is up. */
  return (word: string, daemons: readonly Daemon[]): Promise<void> =>
    Promise.race([listen(word), timeUp(daemon.name), ...daemons.map(ended)]);
}

async function ended({ name, child, lastWords }: Daemon): Promise<never> {
  const code = await child.exited;
  throw new HamletError("config", `${name} ended (${code}): ${lastWords() || "it did not say why"}`);
}

function timeUp(name: string): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(
      () => reject(new HamletError("config", `${name} did not start in time`)),
      WAIT_MS,
    );
    timer.unref();
  });
}
