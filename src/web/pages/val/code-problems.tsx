/** What is wrong with the newest version: at its lines, and below the text. */

import { CircleAlert } from "lucide-react";
import { useMemo } from "react";
import type { Diagnostic } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import type { Mark } from "../../editor/types.ts";
import { count } from "../../ui/small.tsx";
import { useOpenFile } from "./code-place.ts";
import type { CodeWork } from "./code-work.ts";

const MOST = 50;

/** Those of one file, for the editor. */
export function useMarks(problems: readonly Diagnostic[], path: string): readonly Mark[] {
  return useMemo(
    () =>
      problems
        .filter(({ file, line }) => file === path && line !== undefined)
        .map(({ message, hint, line, column }) => ({
          message: hint === undefined ? message : `${message}\n${hint}`,
          line: line!,
          ...(column !== undefined && { column }),
        })),
    [problems, path],
  );
}

/** A strip that is there only when something is wrong. */
export function Problems({
  file,
  work,
  onGo,
}: {
  file: FileRow;
  work: CodeWork;
  onGo: (to: { line: number; column?: number }) => void;
}) {
  const openFile = useOpenFile();
  const { problems } = work;
  if (problems.length === 0) return null;
  const go = ({ file: path, line, column }: Diagnostic) => {
    if (path === file.path && line !== undefined) onGo({ line, ...(column !== undefined && { column }) });
    else if (path !== undefined) openFile(path);
  };
  return (
    <section className="code-problems" aria-label="Problems" aria-live="polite">
      <h2>
        <CircleAlert size={15} aria-hidden />
        Build failed: {count(problems.length, "problem")}. The last good version, if any, keeps serving.
      </h2>
      <ul>
        {problems.slice(0, MOST).map((one) => (
          <li key={`${one.file}:${one.line}:${one.column}:${one.message}`}>
            <button type="button" onClick={() => go(one)} disabled={one.file === undefined}>
              {one.file !== undefined && <span className="mono">{sayPlace(one)}</span>} {one.message}
              {one.hint !== undefined && <span className="quiet"> {one.hint}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `main.ts 3:7` */
function sayPlace({ file, line, column }: Diagnostic): string {
  if (line === undefined) return file ?? "";
  return `${file} ${line}${column === undefined ? "" : `:${column}`}`;
}
