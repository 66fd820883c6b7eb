/** What a val writes, and its calls, as they come. Below the editor, and a page of its own. */

import "./live.css";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { query } from "../client/queries.ts";
import { MAIN, useBranch } from "../pages/val/branch.ts";
import { useVal } from "../pages/val/context.ts";
import { Empty } from "../ui/states.tsx";
import { CallsView } from "./calls-view.tsx";
import { type Filter, NO_FILTER } from "./filter.ts";
import { LinesView } from "./lines-view.tsx";
import type { Shown } from "./toolbar.tsx";

/** With the picture of a stream, which few that edit want to see at once. */
const TraceSheet = lazy(async () => ({ default: (await import("./trace-sheet.tsx")).TraceSheet }));

/** What both kinds of rows are shown with. */
export interface PaneView {
  readonly valId: string;
  readonly file: string | undefined;
  readonly files: ReadonlyMap<string, string>;
  readonly current: string | undefined;
  readonly filter: Filter;
  readonly onFilter: (change: Partial<Filter>) => void;
  readonly onFile: (id: string | undefined) => void;
  readonly onShown: (shown: Shown) => void;
  readonly onTrace: (trace: string) => void;
}

/** By val: who comes back from a call finds the list that he left. */
const lastShown = new Map<string, Shown>();

/** `fileId` is the file beside it, of which one may want to see that alone. */
export function LogsPane({ valId, fileId }: { valId: string; fileId?: string }) {
  const { mayWrite, viewer } = useVal();
  if (mayWrite) return <Pane valId={valId} current={fileId} />;
  return (
    <Empty title="Logs are for those who may change this val">
      {viewer === null
        ? "What a val writes may hold what its visitors sent. If it is yours, sign in to see it."
        : "What a val writes may hold what its visitors sent. Remix it, and the logs of your own copy are yours to see."}
    </Empty>
  );
}

function Pane({ valId, current }: { valId: string; current: string | undefined }) {
  const [shown, setShown] = useState<Shown>(() => lastShown.get(valId) ?? "logs");
  const [file, setFile] = useState<string>();
  const [filter, setFilter] = useState(NO_FILTER);
  const [trace, setTrace] = useState<string>();
  const files = useFiles(valId);
  const { user, val } = useParams({ strict: false }) as { user: string; val: string };
  const base = `/x/${user}/${val}`;
  // Another file beside it: what was meant by "this file" is that one now.
  useEffect(() => setFile((before) => (before === undefined ? undefined : current)), [current]);
  const view: PaneView = {
    ...{ valId, file, files, current, filter },
    onFilter: (change) => setFilter((before) => ({ ...before, ...change })),
    onFile: setFile,
    onShown: (next) => {
      setShown(next);
      lastShown.set(valId, next);
      setFilter((before) => ({ ...before, level: "all" }));
    },
    onTrace: setTrace,
  };
  return (
    <div className="live">
      {shown === "logs" ? <LinesView {...view} /> : <CallsView {...view} />}
      {trace !== undefined && (
        <Suspense>
          <TraceSheet trace={trace} base={base} onClose={() => setTrace(undefined)} />
        </Suspense>
      )}
    </div>
  );
}

/** Paths by id: those of `main`, and of the branch that is looked at, which has files of its own. */
function useFiles(valId: string): ReadonlyMap<string, string> {
  const { name, branch } = useBranch();
  const all = { path: "", recursive: "true", limit: "100" } as const;
  const params = { val_id: valId };
  const main = useQuery(query("listFiles", { params, query: all }));
  const isOther = branch !== undefined && name !== MAIN;
  const other = useQuery({
    ...query("listFiles", { params, query: { ...all, branch_id: branch?.id } }),
    enabled: isOther,
  });
  const others = isOther ? other.data : undefined;
  return useMemo(() => {
    const paths = new Map<string, string>();
    for (const { id, path, type } of main.data?.data ?? []) if (type !== "directory") paths.set(id, path);
    for (const { id, path, type } of others?.data ?? [])
      if (type !== "directory") paths.set(id, `${path} · ${name}`);
    return paths;
  }, [main.data, others, name]);
}
