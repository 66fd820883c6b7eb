/** Events of an answer that lasts (https://html.spec.whatwg.org/multipage/server-sent-events.html), as the town sends them. */

export interface RunEvent {
  readonly event: string;
  readonly data: unknown;
}

/** One after the other, until the answer ends. Comments are passed over. */
export async function* readEvents(response: Response): AsyncGenerator<RunEvent> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      const blocks = rest.split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) {
        const event = toEvent(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel();
  }
}

function toEvent(block: string): RunEvent | undefined {
  const fields = block.split("\n").map((line) => /^(\w+): ?(.*)$/s.exec(line));
  const find = (name: string) => fields.find((field) => field?.[1] === name)?.[2];
  const data = find("data");
  return data === undefined ? undefined : { event: find("event") ?? "message", data: JSON.parse(data) };
}
