/** Where the parts of the code view are: side by side in a wide window, one at a time in a narrow one. */

import { lazy, type ReactNode, Suspense, useState, useSyncExternalStore } from "react";
import { isCode } from "../../../val/file.ts";
import type { FileRow } from "../../editor/tree.ts";
import { Empty } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Pane } from "./code-panes.tsx";
import type { CodeWork } from "./code-work.ts";
import { useVal } from "./context.ts";

// The code is to be seen first.
const PreviewPane = lazy(async () => ({
  default: (await import("../../request/preview-pane.tsx")).PreviewPane,
}));
const LogsPane = lazy(async () => ({ default: (await import("../../live/logs-pane.tsx")).LogsPane }));

interface LayoutProps {
  readonly file: FileRow | undefined;
  readonly rows: readonly FileRow[];
  readonly work: CodeWork;
  readonly files: ReactNode;
  readonly children: ReactNode;
}

const wide = matchMedia("(min-width: 1000px)");
const onWide = (listener: () => void) => {
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
};

export function CodeLayout(props: LayoutProps) {
  const isWide = useSyncExternalStore(onWide, () => wide.matches);
  return isWide ? <Wide {...props} /> : <Narrow {...props} />;
}

function Wide({ file, rows, work, files, children }: LayoutProps) {
  const { val, mayWrite } = useVal();
  return (
    <div className="code">
      <Pane name="files" label="Width of the files" side="left" first={210} least={120} most="40%">
        {files}
      </Pane>
      <div className="code-main">
        <div className="code-upper">
          <div className="code-editor">{children}</div>
          <Pane
            name="preview"
            label="Width of the preview"
            side="right"
            first={previewWidth()}
            least={200}
            most="60%"
          >
            <Preview file={file} rows={rows} work={work} />
          </Pane>
        </div>
        {mayWrite && (
          <Pane name="logs" label="Height of the logs" side="bottom" first={190} least={40} most="70%">
            <Logs valId={val.id} />
          </Pane>
        )}
      </div>
    </div>
  );
}

const Logs = ({ valId }: { valId: string }) => (
  <Suspense fallback={<div className="code-pane" />}>
    <LogsPane valId={valId} />
  </Suspense>
);

/** A third of the window, until one has another wish. */
const previewWidth = () => Math.round(Math.min(Math.max(innerWidth * 0.33, 320), 900));

function Narrow({ file, rows, work, files, children }: LayoutProps) {
  const { val, mayWrite } = useVal();
  const [shown, setShown] = useState("code");
  const [filesOpen, setFilesOpen] = useState(false);
  const [fileBefore, setFileBefore] = useState(file?.id);
  // A file was chosen: now it is to be seen.
  if (file?.id !== fileBefore) {
    setFileBefore(file?.id);
    setFilesOpen(false);
  }
  const [ranBefore, setRanBefore] = useState(work.run);
  if (work.run !== ranBefore) {
    setRanBefore(work.run);
    setShown("preview");
  }
  const code = (
    <div className="code-narrow">
      <details
        className="code-files"
        open={filesOpen}
        onToggle={(event) => setFilesOpen(event.currentTarget.open)}
      >
        <summary>Files</summary>
        {files}
      </details>
      <div className="code-editor">{children}</div>
    </div>
  );
  const tabs = [
    { name: "code", label: "Code", content: code },
    { name: "preview", label: "Preview", content: <Preview file={file} rows={rows} work={work} /> },
    ...(mayWrite ? [{ name: "logs", label: "Logs", content: <Logs valId={val.id} /> }] : []),
  ];
  return (
    <div className="code narrow">
      <Tabs tabs={tabs} value={shown} onChange={setShown} label="Parts of the code view" keep />
    </div>
  );
}

function Preview({ file, rows, work }: Pick<LayoutProps, "file" | "rows" | "work">) {
  const shown = previewed(file, rows, work.ran);
  if (shown === undefined)
    return (
      <Empty title="Nothing to preview">
        A file of the kind HTTP, Cron, Email or Script shows here what it does.
      </Empty>
    );
  const { id, path, type, links } = shown;
  return (
    <Suspense fallback={<div className="code-pane" />}>
      <PreviewPane
        file={{ id, path, type, ...(links.endpoint && { endpoint: links.endpoint }) }}
        saved={work.saved}
        run={work.run}
        taken={work.taken}
      />
    </Suspense>
  );
}

/** The open file when something starts it, or it was told to run; beside a module or a text, the val's first trigger. */
function previewed(
  file: FileRow | undefined,
  rows: readonly FileRow[],
  ran: string | undefined,
): FileRow | undefined {
  const starts = ({ type }: FileRow) => type === "http" || type === "interval" || type === "email";
  if (file && (starts(file) || (file.id === ran && isCode(file.path)))) return file;
  const trigger = rows.find(({ type }) => type === "http") ?? rows.find(starts);
  return trigger ?? (file?.type === "script" ? file : undefined);
}
