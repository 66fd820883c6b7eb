/** The one door through which Hamlet starts processes, so that a reader can see what each of them is given. */

import type { Subprocess } from "bun";

export type Piped = Subprocess<"pipe", "pipe", "pipe">;

/**
 * Start a program with three pipes and exactly this environment; throws when the program cannot be executed.
 * @param attached a file that it gets open for reading, as descriptor 3
 */
export function startPiped(
  command: readonly string[],
  env: Record<string, string>,
  cwd = "/",
  attached?: string,
): Piped {
  const more = attached === undefined ? [] : [Bun.file(attached)];
  // A session of its own: Ctrl-C is for the server, which lets open streams end before it ends the workers.
  return Bun.spawn([...command], { stdio: ["pipe", "pipe", "pipe", ...more], env, cwd, detached: true });
}

export interface Finished {
  /** Exit code; null when a signal ended it or it could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunToEnd {
  readonly env: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs: number;
  /** Per stream, bytes; the process is killed at the first byte beyond. */
  readonly maxOutputBytes: number;
  /** As in `startPiped`. */
  readonly attached?: string | undefined;
  /** Ends the program before its time. */
  readonly signal?: AbortSignal;
  /** Hears of the process at its start. */
  readonly started?: (child: Piped) => void;
  /** How it is killed; with SIGKILL to the one process if not given. */
  readonly kill?: (child: Piped) => void;
}

/** Run a program to its end, with bounded time and output; never rejects. */
export async function runToEnd(command: readonly string[], options: RunToEnd): Promise<Finished> {
  const { env, cwd = "/", input = "", timeoutMs, maxOutputBytes } = options;
  let child: Piped;
  try {
    child = startPiped(command, env, cwd, options.attached);
  } catch (error) {
    return { code: null, signal: null, timedOut: false, stdout: "", stderr: String(error) };
  }
  options.started?.(child);
  let timedOut = false;
  const kill = () => (options.kill ? options.kill(child) : child.kill("SIGKILL"));
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  options.signal?.addEventListener("abort", kill);
  if (options.signal?.aborted) kill();
  sendAll(child, input);
  const [stdout, stderr] = await Promise.all([
    readBounded(child.stdout, maxOutputBytes, kill),
    readBounded(child.stderr, maxOutputBytes, kill),
  ]);
  const code = await child.exited;
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", kill);
  const signal = child.signalCode === null ? null : String(child.signalCode);
  return { code: signal ? null : code, signal, timedOut, stdout, stderr };
}

function sendAll(child: Piped, input: string): void {
  // A program may end without reading its input: that is its exit code's business, not an error here.
  try {
    if (input) child.stdin.write(input);
    Promise.resolve(child.stdin.end()).catch(() => {});
  } catch {}
}

async function readBounded(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  onLimit: () => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size < limit) chunks.push(chunk.subarray(0, limit - size));
    size += chunk.length;
    if (size > limit) onLimit();
  }
  return Buffer.concat(chunks).toString("utf8");
}
