/** A run as the server tells of it, event by event. */

/** One line that it has written. */
export interface LogEvent {
  readonly event: "log";
  readonly level: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** How it ended. */
export interface EndEvent {
  readonly event: "result" | "error";
  readonly traceId?: string;
  readonly version?: number;
  readonly value?: string;
  readonly reason?: string;
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
  readonly durationMs?: number;
}

export type RunEvent =
  | LogEvent
  | EndEvent
  | { readonly event: "start"; readonly traceId: string }
  | { readonly event: "dropped"; readonly count: number };

/** The events of an answer, as they come. */
export async function* readRun(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of body) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split("\n\n");
    rest = parts.pop()!;
    for (const part of parts) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
      if (event !== undefined && data !== undefined) yield { event, ...JSON.parse(data) };
    }
  }
}
