/** The files of a branch as a tree, and what can be done with them. */

import "./files.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { FilePlus2, FolderPlus } from "lucide-react";
import {
  type KeyboardEvent,
  lazy,
  Suspense,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import {
  ancestorsOf,
  buildTree,
  type FileRow,
  type Line,
  linesOf,
  parentOf,
  stepOf,
} from "../../editor/tree.ts";
import { IconButton } from "../../ui/button.tsx";
import { drafts } from "./code-file-state.ts";
import { type CodePlace, useOpenFile } from "./code-place.ts";
import { useVal } from "./context.ts";
import type { Asking } from "./files-dialogs.tsx";
import { useFileMoves } from "./files-moves.ts";
import { FilesRow } from "./files-row.tsx";

const FilesDialog = lazy(async () => ({ default: (await import("./files-dialogs.tsx")).FilesDialog }));

const ROW_PX = 28;

interface FilesProps {
  readonly place: CodePlace;
  readonly rows: readonly FileRow[];
  readonly current: FileRow | undefined;
}

export function Files({ place, rows, current }: FilesProps) {
  const { mayWrite } = useVal();
  const [asking, setAsking] = useState<Asking>();
  const [active, setActive] = useState(current?.path);
  const [shown, setShown] = useState(current?.path);
  // The keyboard goes on from the file that was gone to, by whichever way.
  if (current?.path !== shown) {
    setShown(current?.path);
    setActive(current?.path);
  }
  const folder = active === undefined ? "" : folderOf(active, rows);
  return (
    <nav className="files" aria-label="Files">
      <div className="files-bar">
        <h2>Files</h2>
        {mayWrite && (
          <>
            <IconButton label="New file" small onClick={() => setAsking({ kind: "file", folder })}>
              <FilePlus2 size={15} />
            </IconButton>
            <IconButton label="New folder" small onClick={() => setAsking({ kind: "folder", folder })}>
              <FolderPlus size={15} />
            </IconButton>
          </>
        )}
      </div>
      {rows.length === 0 ? (
        <p className="files-empty quiet small">There are no files on this branch.</p>
      ) : (
        <Tree
          place={place}
          rows={rows}
          current={current}
          active={active}
          onActive={setActive}
          onAsk={setAsking}
        />
      )}
      <Suspense>
        {asking && (
          <FilesDialog
            place={place}
            rows={rows}
            current={current}
            asking={asking}
            onClose={() => setAsking(undefined)}
          />
        )}
      </Suspense>
    </nav>
  );
}

/** Where a new file goes: into the folder that is chosen, or beside the file. */
function folderOf(path: string, rows: readonly FileRow[]): string {
  const row = rows.find((one) => one.path === path);
  return row?.type === "directory" ? path : parentOf(path);
}

type TreeProps = FilesProps & {
  readonly active: string | undefined;
  readonly onActive: (path: string) => void;
  readonly onAsk: (asking: Asking) => void;
};

/** Which folders are open: those above the current file, and those that were opened. */
function useOpenFolders(current: FileRow | undefined) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(ancestorsOf(current?.path ?? "")));
  const path = current?.path;
  useEffect(() => {
    if (path !== undefined) setOpen((now) => new Set([...now, ...ancestorsOf(path)]));
  }, [path]);
  const set = (folder: string, isOpen: boolean) =>
    setOpen((now) => new Set(isOpen ? [...now, folder] : [...now].filter((one) => one !== folder)));
  return [open, set] as const;
}

function Tree({ place, rows, current, active, onActive, onAsk }: TreeProps) {
  const { mayWrite } = useVal();
  const openFile = useOpenFile();
  const [open, setOpen] = useOpenFolders(current);
  const lines = useMemo(() => linesOf(buildTree(rows), open), [rows, open]);
  const unsaved = new Set(useSyncExternalStore(drafts.subscribe, drafts.ids).split(" "));
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const at = lines.findIndex(({ node }) => node.row.path === active);
  const moves = useFileMoves(place, rows, current);

  const choose = ({ node, open: isOpen }: Line) => {
    onActive(node.row.path);
    if (node.row.type === "directory") setOpen(node.row.path, !isOpen);
    else openFile(node.row.path);
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const line = lines[at];
    const step = stepOf(lines, at, event.key);
    if (step) {
      if ("open" in step) setOpen(step.open, true);
      else if ("close" in step) setOpen(step.close, false);
      else {
        onActive(lines[step.to]!.node.row.path);
        virtual.scrollToIndex(step.to);
      }
    } else if (line && (event.key === "Enter" || event.key === " ")) choose(line);
    else if (line && mayWrite && event.key === "F2") onAsk({ kind: "move", row: line.node.row });
    else if (line && mayWrite && event.key === "Delete") onAsk({ kind: "delete", row: line.node.row });
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="files-tree"
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label="Files of this branch"
      aria-activedescendant={lines[at] && `file-${lines[at].node.row.id}`}
      onKeyDown={press}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => moves.drop(event, "")}
    >
      <div className="files-space" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <FilesRow
            key={lines[index]!.node.row.id}
            line={lines[index]!}
            top={start}
            isCurrent={lines[index]!.node.row.id === current?.id}
            isActive={index === at}
            isUnsaved={unsaved.has(lines[index]!.node.row.id)}
            moves={moves}
            onChoose={choose}
            onAsk={onAsk}
          />
        ))}
      </div>
    </div>
  );
}
