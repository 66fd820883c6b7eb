/** What is shared between the editor and the panes around it. */

import { useRef, useState } from "react";
import type { Answer } from "../../client/contract.ts";
import type { Diagnostic } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import type { Project } from "../../editor/types.ts";

export interface CodeWork {
  /** Counts up with each good save: what shows an answer asks anew. */
  readonly saved: number;
  /** Counts up each time that something is to be run. */
  readonly run: number;
  /** How many of those the pane has taken up; it may come after the first, or go and come again. */
  readonly taken: { current: number };
  /** The file that was last told to run. */
  readonly ran: string | undefined;
  /** What is wrong with the newest version, all files together. */
  readonly problems: readonly Diagnostic[];
  readonly project?: Project;
  readonly onSaved: (answer: Answer<"updateFile">) => void;
  readonly onRun: (fileId: string) => void;
}

/** `listedAt` is when `rows` came: what a save has answered counts until a newer list. */
export function useCodeWork(rows: readonly FileRow[], listedAt: number): CodeWork {
  const [saved, setSaved] = useState(0);
  const [ran, setRan] = useState<{ count: number; fileId?: string }>({ count: 0 });
  const taken = useRef(0);
  const [answer, setAnswer] = useState<{ at: number; problems: readonly Diagnostic[] }>();
  const problems =
    answer && answer.at >= listedAt ? answer.problems : unique(rows.flatMap((row) => row.diagnostics ?? []));
  return {
    saved,
    run: ran.count,
    taken,
    ran: ran.fileId,
    problems,
    onSaved(given) {
      setAnswer({ at: Date.now(), problems: unique(given.diagnostics ?? []) });
      if ((given.diagnostics ?? []).length === 0) setSaved((n) => n + 1);
    },
    onRun: (fileId) => setRan(({ count }) => ({ count: count + 1, fileId })),
  };
}

/** A mistake in a shared file is told by each file that imports it. */
function unique(all: readonly Diagnostic[]): Diagnostic[] {
  return [
    ...new Map(all.map((one) => [`${one.file}:${one.line}:${one.column}:${one.message}`, one])).values(),
  ];
}
