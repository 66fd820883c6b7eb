import type { Subprocess } from "bun";

export interface Started<Ready> {
  readonly pid: number;
  readonly ready: Ready;
  /** SIGTERM, then SIGKILL after 10 s. */
  stop(): Promise<void>;
}

/** Start a program whose first line on stdout is JSON and says that it is ready. Throws with its output if it ends first. */
export async function startProcess<Ready>(
  command: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Started<Ready>> {
  const child = Bun.spawn(command, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const errors = collect(child.stderr);
  const line = await firstLine(child.stdout);
  if (line === undefined) {
    await child.exited;
    throw new Error(`${command.join(" ")} ended before it was ready: ${errors.text}`);
  }
  return { pid: child.pid, ready: JSON.parse(line) as Ready, stop: () => stop(child) };
}

async function stop(child: Subprocess): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await child.exited;
  clearTimeout(timer);
}

/** The rest is read and dropped, so that the program never waits for us. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = stream.getReader();
  const utf8 = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += utf8.decode(value, { stream: true });
  }
  void drain(reader);
  return text.slice(0, text.indexOf("\n"));
}

async function drain(reader: { read(): Promise<{ done: boolean }> }): Promise<void> {
  while (!(await reader.read()).done);
}

function collect(stream: ReadableStream<Uint8Array>): { text: string } {
  const kept = { text: "" };
  const utf8 = new TextDecoder();
  void (async () => {
    for await (const chunk of stream) kept.text = (kept.text + utf8.decode(chunk)).slice(-4000);
  })();
  return kept;
}
