// Reads the control channel's input, and answers in the guest's place.
import { readSync } from "node:fs";
import { attack, need, ownProcess } from "./attempt.ts";

const reason = "the channel is that of its own process";

export default attack({
  "commands that wait in the pipe": ownProcess(reason, async () => {
    const bytes = new Uint8Array(65_536);
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 3000));
    const size = await Promise.race([Deno.stdin.read(bytes), late]);
    const text = new TextDecoder().decode(bytes.subarray(0, size ?? 0));
    return need(/nonce|[0-9a-f]{32}/.test(text) && text, `read ${JSON.stringify(text)}: no nonce`);
  }),
  "the environment of other vals": ownProcess(reason, async () => {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 3000));
    const bytes = new Uint8Array(65_536);
    const size = await Promise.race([
      Deno.stdin.readable
        .getReader({ mode: "byob" })
        .read(bytes)
        .then(({ value }) => value),
      late,
    ]);
    const text = new TextDecoder().decode(size ?? new Uint8Array());
    return need(text.includes("claim") && text, `read ${JSON.stringify(text)}: no claim`);
  }),
  "synchronously, from the descriptor": ownProcess(reason, () => {
    if (Deno.stdin.isTerminal()) return "a terminal";
    // Would block for ever on an empty pipe; a closed or foreign one is what could be of use.
    for (const fd of [3, 4, 5, 6, 7, 8, 9, 10]) {
      try {
        const bytes = new Uint8Array(100);
        const size = readSync(fd, bytes, 0, 100, 0);
        if (size > 0) return `descriptor ${fd}: ${new TextDecoder().decode(bytes.subarray(0, size))}`;
      } catch {}
    }
    throw new Error("no descriptor to read from");
  }),
});
