/** A val's logs as its owner sees them. */

import type { TestHamlet, TestVal } from "../support/server.ts";

export interface LogLine {
  readonly trace: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

const PATIENCE_MS = 10_000;

interface Page {
  readonly data: readonly {
    traceId: string;
    severityText: "stdout" | "stderr";
    body: { stringValue: string };
  }[];
  readonly links: { readonly next?: string };
}

/** All of them, as soon as `isComplete` says that what is waited for is there; throws when it does not come. */
export async function ownLogs(
  hamlet: TestHamlet,
  val: TestVal,
  isComplete: (lines: readonly LogLine[]) => boolean,
): Promise<LogLine[]> {
  const fileId = await findFile(hamlet, val);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lines = await readAll(hamlet, fileId);
    if (isComplete(lines)) return lines;
    if (performance.now() > deadline) {
      const shown = lines.slice(-20).map(({ text }) => text.slice(0, 200));
      throw new Error(`${val.name} did not log what was expected, but: ${JSON.stringify(shown, null, 1)}`);
    }
    await Bun.sleep(100);
  }
}

async function findFile(hamlet: TestHamlet, val: TestVal): Promise<string> {
  const answer = await hamlet.api(`/v2/vals/${val.id}/files?path=&recursive=true&limit=100&offset=0`, {
    method: "GET",
  });
  const { data } = (await answer.json()) as { data: { id: string; type: string }[] };
  return data.find(({ type }) => type === "http")!.id;
}

async function readAll(hamlet: TestHamlet, fileId: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let path: string | undefined = `/v1/telemetry/logs?direction=asc&limit=100&file_id=${fileId}`;
  while (path !== undefined) {
    const page = (await (await hamlet.api(path, { method: "GET" })).json()) as Page;
    for (const { traceId, severityText, body } of page.data) {
      lines.push({ trace: traceId, stream: severityText, text: body.stringValue });
    }
    const next: string | undefined = page.links.next;
    path = next && page.data.length > 0 ? next.slice(next.indexOf("/v1/")) : undefined;
  }
  return lines;
}
