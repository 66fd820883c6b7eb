/** One file in the editor, with what was said about its last save. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { Editor } from "../../editor/editor.tsx";
import type { Saved } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { Failed, Loading } from "../../ui/states.tsx";
import { useCodeActions } from "./code-actions.ts";
import { useFileCommands } from "./code-commands.ts";
import { useFileState } from "./code-file-state.ts";
import { useLineInAddress } from "./code-line.ts";
import { type CodePlace, contentOf } from "./code-place.ts";
import { Problems, useMarks } from "./code-problems.tsx";
import { CodeStrips } from "./code-strips.tsx";
import { CodeToolbar } from "./code-toolbar.tsx";
import type { CodeWork } from "./code-work.ts";

const CodeConflict = lazy(async () => ({ default: (await import("./code-conflict.tsx")).CodeConflict }));

export interface CodeFileProps {
  readonly place: CodePlace;
  readonly file: FileRow;
  readonly work: CodeWork;
}

/** Reads the file, then shows it. A newer version of it is read while the older one stays shown. */
export function CodeFile(props: CodeFileProps) {
  const { place, file } = props;
  // A list that was asked for before a save may come after it.
  const newest = useRef(file.version);
  newest.current = Math.max(newest.current, file.version);
  const content = useQuery({
    ...contentOf(place, { ...file, version: newest.current }),
    placeholderData: (previous) => previous,
  });
  if (content.data !== undefined) return <Opened {...props} saved={content.data} />;
  if (content.error) return <Failed error={content.error} onRetry={() => void content.refetch()} />;
  return (
    <div className="code-loading">
      <Loading lines={12} label={`Loading ${file.path}`} />
    </div>
  );
}

function Opened({ place, file, work, saved }: CodeFileProps & { saved: Saved }) {
  const open = useFileState(place, file, saved);
  const { state } = open;
  const named = useLineInAddress();
  const [chosen, setGoTo] = useState<{ line: number; column?: number }>();
  const goTo = chosen ?? named;
  const marks = useMarks(work.problems, file.path);
  const actions = useCodeActions({ place, file, open, work });
  useFileCommands(actions);
  return (
    <section className="code-file" aria-label={file.path}>
      <CodeToolbar place={place} file={file} state={state} actions={actions} />
      <CodeStrips file={file} open={open} actions={actions} />
      <Editor
        text={state.text}
        path={file.path}
        label={`Text of ${file.path}`}
        onChange={open.type}
        onSave={actions.save}
        onRun={actions.run}
        onFormat={actions.format}
        diagnostics={marks}
        {...(work.project && { project: work.project })}
        {...(goTo && { goTo })}
      />
      <Problems file={file} work={work} onGo={setGoTo} />
      <Suspense>
        {actions.conflict && state.newer && (
          <CodeConflict
            path={file.path}
            mine={state.text}
            theirs={state.newer}
            onSave={actions.saveMerged}
            onTheirs={actions.takeTheirs}
            onClose={actions.closeConflict}
          />
        )}
      </Suspense>
    </section>
  );
}
