import { Copy, Download, Eraser, History, MoreHorizontal, Pause, Play, Search, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../ui/button.tsx";
import { Input, Select } from "../ui/field.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import type { Filter, LevelFilter } from "./filter.ts";

export type Shown = "logs" | "calls";

const LEVELS: Readonly<Record<Shown, readonly [value: LevelFilter, label: string][]>> = {
  logs: [
    ["all", "All levels"],
    ["info", "Info and worse"],
    ["warn", "Warnings and errors"],
    ["error", "Errors"],
    ["stdout", "stdout"],
    ["stderr", "stderr"],
  ],
  calls: [
    ["all", "All outcomes"],
    ["error", "Failed"],
  ],
};

export interface ToolbarProps {
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
  readonly filter: Filter;
  readonly onFilter: (change: Partial<Filter>) => void;
  readonly files: ReadonlyMap<string, string>;
  readonly file: string | undefined;
  /** The one that is open beside this. */
  readonly current: string | undefined;
  readonly onFile: (id: string | undefined) => void;
  readonly paused: boolean;
  readonly onPause: () => void;
  readonly onClear: () => void;
  readonly onCopy: () => void;
  readonly onDownload: () => void;
  readonly onJump: () => void;
  readonly state: ReactNode;
}

/** What is shown, and of that how much. */
export function Toolbar(props: ToolbarProps) {
  const { shown, onShown, filter, onFilter, paused, onPause } = props;
  return (
    <div className="live-bar">
      <fieldset className="live-kinds" aria-label="What is shown">
        {(["logs", "calls"] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className="live-kind"
            aria-pressed={shown === kind}
            onClick={() => onShown(kind)}
          >
            {kind === "logs" ? "Logs" : "Requests"}
          </button>
        ))}
      </fieldset>
      <Select
        className="live-select"
        aria-label="Level"
        value={filter.level}
        onChange={(event) => onFilter({ level: event.target.value as LevelFilter })}
      >
        {LEVELS[shown].map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <FileSelect {...props} />
      <div className="live-find">
        <Search size={14} aria-hidden />
        <Input
          type="search"
          placeholder="Filter"
          aria-label="Filter by text"
          value={filter.text}
          onChange={(event) => onFilter({ text: event.target.value })}
        />
      </div>
      {filter.trace !== "" && (
        <Button
          small
          icon={<X size={13} />}
          onClick={() => onFilter({ trace: "" })}
          title="Show all calls again"
        >
          Call {filter.trace.slice(-6)}
        </Button>
      )}
      <div className="live-ends">
        {props.state}
        <IconButton label={paused ? "Go on" : "Pause"} small onClick={onPause} aria-pressed={paused}>
          {paused ? <Play size={15} /> : <Pause size={15} />}
        </IconButton>
        <IconButton label="Clear the view" small onClick={props.onClear}>
          <Eraser size={15} />
        </IconButton>
        <More {...props} />
      </div>
    </div>
  );
}

function FileSelect({ files, file, current, onFile }: ToolbarProps) {
  return (
    <Select
      className="live-select"
      aria-label="File"
      value={file ?? ""}
      onChange={(event) => onFile(event.target.value || undefined)}
    >
      <option value="">All files</option>
      {current !== undefined && !files.has(current) && <option value={current}>This file</option>}
      {[...files].map(([id, path]) => (
        <option key={id} value={id}>
          {id === current ? `This file: ${path}` : path}
        </option>
      ))}
    </Select>
  );
}

function More({ onCopy, onDownload, onJump }: ToolbarProps) {
  const trigger = (
    <IconButton label="More" small>
      <MoreHorizontal size={15} />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      <MenuItem onSelect={onJump}>
        <History size={15} /> Jump to a time
      </MenuItem>
      <MenuItem onSelect={onCopy}>
        <Copy size={15} /> Copy what is shown
      </MenuItem>
      <MenuItem onSelect={onDownload}>
        <Download size={15} /> Download as text
      </MenuItem>
    </Menu>
  );
}
