/** What is different, file by file. */

import "./history.css";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Answer } from "../../client/contract.ts";
import { Counts, DiffView, HunksView } from "../../diff/diff-view.tsx";
import { countHunks } from "../../diff/line-counts.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Badge, count } from "../../ui/small.tsx";
import { Failed, Loading } from "../../ui/states.tsx";
import type { Texts } from "./history-texts.ts";
import { sayChange } from "./history-words.ts";

/** One file of a diff, as the API tells it. */
export type FileDiff = Answer<"getDiff">["files"][number];

interface Parts {
  /** Tells this diff from others. */
  readonly id: string;
  /** The difference of one file alone, if the list leaves it out. */
  readonly alone: (path: string) => Promise<FileDiff | undefined>;
  /** Both whole texts, where they can be had. */
  readonly whole?: ((file: FileDiff) => Promise<Texts>) | undefined;
  /** Buttons of a file. */
  readonly actions?: (file: FileDiff) => ReactNode;
}

const PAGE = 50;
/** Files with more changed lines are shown when they are asked for. */
const MANY_LINES = 600;

/** All files of a diff. */
export function FileDiffs({ files, ...parts }: Parts & { files: readonly FileDiff[] }) {
  const [shown, setShown] = useState(PAGE);
  const shownFiles = files.filter(({ type }) => type !== "directory");
  const counts = files.map(({ hunks = [] }) => countHunks(hunks));
  const total = (side: "added" | "removed") => counts.reduce((sum, one) => sum + one[side], 0);
  if (shownFiles.length === 0)
    return (
      <p className="quiet">
        {files.length === 0 ? "Nothing is different." : files.map(sayChange).join(", ")}
      </p>
    );
  return (
    <div className="stack">
      <p className="quiet">
        {count(shownFiles.length, "file")} changed{" "}
        <Counts added={total("added")} removed={total("removed")} />
      </p>
      {shownFiles.slice(0, shown).map((file) => (
        <OneFile key={file.path} file={file} {...parts} />
      ))}
      {shownFiles.length > shown && (
        <Button onClick={() => setShown(shown + PAGE)}>Show {shownFiles.length - shown} more files</Button>
      )}
    </div>
  );
}

function OneFile({ file, id, alone, whole, actions }: Parts & { file: FileDiff }) {
  const counts = countHunks(file.hunks ?? []);
  const [open, setOpen] = useState(counts.added + counts.removed <= MANY_LINES);
  const [entire, setEntire] = useState(false);
  const canBeWhole = whole !== undefined && file.hunks !== undefined && isPart(file);
  return (
    <section className="history-file" aria-label={file.path}>
      <div className="row wrap history-file-head">
        <IconButton
          label={open ? `Fold ${file.path}` : `Unfold ${file.path}`}
          aria-expanded={open}
          small
          onClick={() => setOpen(!open)}
        >
          {open ? <ChevronDown size={16} /> : <ChevronRight size={16} />}
        </IconButton>
        <h3 className="mono cut" title={file.path}>
          {file.oldPath !== undefined && <span className="quiet">{file.oldPath} → </span>}
          {file.path}
        </h3>
        {file.kind !== "modified" && (
          <Badge>{file.kind === "retyped" ? `${file.oldType} → ${file.type}` : file.kind}</Badge>
        )}
        <Counts {...counts} />
        <div className="row history-file-actions">
          {open && canBeWhole && (
            <Button small kind="plain" aria-pressed={entire} onClick={() => setEntire(!entire)}>
              {entire ? "Changes only" : "Whole file"}
            </Button>
          )}
          {actions?.(file)}
        </div>
      </div>
      {open && (
        <Near lines={counts.added + counts.removed + 6}>
          {entire && whole ? (
            <Whole file={file} id={id} whole={whole} />
          ) : (
            <Changed file={file} id={id} alone={alone} />
          )}
        </Near>
      )}
    </section>
  );
}

/** Whether the hunks leave something out: of a file that came or went they have all. */
const isPart = ({ kind }: FileDiff): boolean => kind !== "added" && kind !== "removed";

function Changed({ file, id, alone }: Pick<Parts, "id" | "alone"> & { file: FileDiff }) {
  const left = useQuery({
    queryKey: ["getDiff", "alone", id, file.path],
    queryFn: async () => (await alone(file.path)) ?? null,
    enabled: file.omitted === true,
  });
  const told = file.omitted ? left.data : file;
  if (left.error) return <Failed error={left.error} onRetry={() => void left.refetch()} />;
  if (told === undefined) return <Loading lines={3} />;
  if (told === null || told.binary)
    return <p className="diff-same quiet">It is no text that can be compared.</p>;
  if (!told.hunks || told.hunks.length === 0)
    return <p className="diff-same quiet">{sayChange(file)}. The text is the same.</p>;
  return <HunksView path={told.path} hunks={told.hunks} kind={told.kind} />;
}

function Whole({
  file,
  id,
  whole,
}: {
  file: FileDiff;
  id: string;
  whole: (file: FileDiff) => Promise<Texts>;
}) {
  const texts = useQuery({ queryKey: ["getFileContent", "both", id, file.path], queryFn: () => whole(file) });
  if (texts.error) return <Failed error={texts.error} onRetry={() => void texts.refetch()} />;
  if (texts.data === undefined) return <Loading lines={3} />;
  return <DiffView path={file.path} {...texts.data} whole />;
}

const LINE_PX = 20;

/** Shows what is in it once it is near what can be seen; until then its place is kept. */
function Near({ lines, children }: { lines: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true),
      { rootMargin: "600px" },
    );
    watch.observe(place.current!);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={place} style={near ? undefined : { minHeight: Math.min(lines, 60) * LINE_PX }}>
      {near && children}
    </div>
  );
}
