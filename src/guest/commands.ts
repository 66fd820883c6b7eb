/** Reads the host's side of the control channel: one JSON object a line on stdin. */

import { type Command, MAX_CONTROL_LINE } from "../wire/control.ts";
import { parseCommand } from "../wire/control-parse.ts";
import { decode, indexOf, readStdin, slice } from "./intrinsics.ts";

const chunk = new Uint8Array(64 * 1024);
const subarray = chunk.subarray.bind(chunk);
let rest = "";

/** The first line, read synchronously: nothing can be done before it. */
export function readHello(): Extract<Command, { kind: "hello" }> {
  for (;;) {
    const size = Deno.stdin.readSync(chunk);
    if (size === null) throw new Error("stdin ended before hello");
    rest += decode(subarray(0, size), { stream: true });
    const end = rest.indexOf("\n");
    if (end < 0) continue;
    const command = parseCommand(rest.slice(0, end));
    rest = rest.slice(end + 1);
    if (command?.kind === "hello") return command;
    throw new Error("the first line on stdin was not hello");
  }
}

/** Call back for each command until stdin ends, which means that the host is gone. */
export async function readCommands(onCommand: (command: Command) => void): Promise<void> {
  for (;;) {
    rest = eachLine(rest, onCommand);
    const size = await readStdin(chunk);
    if (size === null) return;
    rest += decode(subarray(0, size), { stream: true });
    if (rest.length > MAX_CONTROL_LINE) rest = eachLine(rest, onCommand) && "";
  }
}

function eachLine(text: string, onCommand: (command: Command) => void): string {
  let start = 0;
  for (;;) {
    const end = indexOf(text, "\n", start);
    if (end < 0) return slice(text, start);
    const command = parseCommand(slice(text, start, end));
    start = end + 1;
    if (command) onCommand(command);
  }
}
