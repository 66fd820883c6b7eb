/** One line of the tree of files. */

import { Link } from "@tanstack/react-router";
import { ChevronRight, Ellipsis } from "lucide-react";
import { useState } from "react";
import type { FileRow, Line } from "../../editor/tree.ts";
import { IconButton } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { toast } from "../../ui/toast.tsx";
import { useFilePath } from "./code-place.ts";
import { useVal } from "./context.ts";
import type { Asking } from "./files-dialogs.tsx";
import { FileIcon, TYPE_NAMES } from "./files-kind.tsx";
import type { FileMoves } from "./files-moves.ts";

interface RowProps {
  readonly line: Line;
  readonly top: number;
  readonly isCurrent: boolean;
  readonly isActive: boolean;
  readonly isUnsaved: boolean;
  readonly moves: FileMoves;
  readonly onChoose: (line: Line) => void;
  readonly onAsk: (asking: Asking) => void;
}

export function FilesRow({ line, top, isCurrent, isActive, isUnsaved, moves, onChoose, onAsk }: RowProps) {
  const { mayWrite } = useVal();
  const pathTo = useFilePath();
  const [target, setTarget] = useState(false);
  const { row, name, level } = line.node;
  const isFolder = row.type === "directory";
  const classes = ["files-row", isCurrent && "current", isActive && "active", target && "target"];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself has the keyboard, as its pattern says
    <div
      id={`file-${row.id}`}
      className={classes.filter(Boolean).join(" ")}
      role="treeitem"
      tabIndex={-1}
      aria-label={`${name}${isFolder ? "" : `, ${TYPE_NAMES[row.type]}`}${isUnsaved ? ", unsaved" : ""}`}
      aria-level={level}
      aria-posinset={line.place}
      aria-setsize={line.among}
      aria-selected={isCurrent}
      {...(isFolder && { "aria-expanded": line.open })}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 6 + (level - 1) * 14 }}
      onClick={() => onChoose(line)}
      draggable={mayWrite}
      onDragStart={(event) => moves.drag(event, row)}
      {...(isFolder && {
        onDragEnter: () => setTarget(true),
        onDragOver: (event) => event.preventDefault(),
        onDragLeave: () => setTarget(false),
        onDrop: (event) => {
          setTarget(false);
          moves.drop(event, row.path);
        },
      })}
    >
      {isFolder ? (
        <ChevronRight size={13} className={line.open ? "chevron open" : "chevron"} aria-hidden />
      ) : (
        <span style={{ width: 13 }} />
      )}
      <FileIcon type={row.type} path={row.path} open={line.open} />
      {isFolder ? (
        <span className="cut grow" title={row.path}>
          {name}
        </span>
      ) : (
        <Link
          to={pathTo(row.path) as "/"}
          className="cut"
          title={row.path}
          tabIndex={-1}
          draggable={false}
          preload={false}
          // The row goes there; a click with ⌘ is the browser's.
          onClick={(event) =>
            event.metaKey || event.ctrlKey ? event.stopPropagation() : event.preventDefault()
          }
        >
          {name}
        </Link>
      )}
      {isUnsaved && <span className="dot" title="Unsaved changes" />}
      <RowMenu row={row} name={name} onAsk={onAsk} />
    </div>
  );
}

function RowMenu({ row, name, onAsk }: { row: FileRow; name: string; onAsk: (asking: Asking) => void }) {
  const { mayWrite } = useVal();
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  };
  const trigger = (
    <IconButton label={`More about ${name}`} small className="files-more" tabIndex={-1}>
      <Ellipsis size={14} />
    </IconButton>
  );
  const isFolder = row.type === "directory";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: keeps clicks on the menu from the row
    <span className="files-menu" onClick={(event) => event.stopPropagation()}>
      <Menu trigger={trigger}>
        {mayWrite && isFolder && (
          <>
            <MenuItem onSelect={() => onAsk({ kind: "file", folder: row.path })}>New file here…</MenuItem>
            <MenuItem onSelect={() => onAsk({ kind: "folder", folder: row.path })}>New folder here…</MenuItem>
            <MenuLine />
          </>
        )}
        {mayWrite && <MenuItem onSelect={() => onAsk({ kind: "move", row })}>Rename or move…</MenuItem>}
        <MenuItem onSelect={() => void copy(row.path)}>Copy path</MenuItem>
        {!isFolder && <MenuItem onSelect={() => void copy(row.links.module)}>Copy module address</MenuItem>}
        {mayWrite && (
          <>
            <MenuLine />
            <MenuItem danger onSelect={() => onAsk({ kind: "delete", row })}>
              Delete…
            </MenuItem>
          </>
        )}
      </Menu>
    </span>
  );
}
