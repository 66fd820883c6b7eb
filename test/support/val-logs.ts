/** All of a val's logs, in the order of their time. */

import type { TestHamlet, TestVal } from "./server.ts";
import { eventually, logs, type TestLog } from "./telemetry.ts";

/** What `find` makes of the val's log, as soon as it is something. Throws with the log when it stays nothing. */
export async function inLogs<T>(
  hamlet: TestHamlet,
  val: TestVal,
  find: (lines: readonly TestLog[]) => T | undefined,
): Promise<T> {
  const fileId = await findFile(hamlet, val);
  let lines: readonly TestLog[] = [];
  try {
    return await eventually(async () => {
      lines = await readAll(hamlet, fileId);
      return find(lines);
    });
  } catch (cause) {
    const shown = lines.slice(-20).map(({ text }) => text.slice(0, 200));
    throw new Error(`${val.name} did not log what was expected, but: ${JSON.stringify(shown, null, 1)}`, {
      cause,
    });
  }
}

/** The first line that matches. */
export function logLine(hamlet: TestHamlet, val: TestVal, pattern: RegExp): Promise<TestLog> {
  return inLogs(hamlet, val, (lines) => lines.find(({ text }) => pattern.test(text)));
}

async function findFile(hamlet: TestHamlet, val: TestVal): Promise<string> {
  const query = "path=&recursive=true&limit=100&offset=0";
  const answer = await hamlet.api(`/v2/vals/${val.id}/files?${query}`, { method: "GET" });
  const { data } = (await answer.json()) as { data: { id: string; type: string }[] };
  return data.find(({ type }) => type === "http")!.id;
}

async function readAll(hamlet: TestHamlet, fileId: string): Promise<TestLog[]> {
  const lines: TestLog[] = [];
  const first = { direction: "asc", limit: "100", file_id: fileId };
  let query: URLSearchParams | undefined = new URLSearchParams(first);
  while (query !== undefined) {
    const { rows, next } = await logs(hamlet, query);
    lines.push(...rows);
    query = rows.length === 0 ? undefined : next;
  }
  return lines;
}
