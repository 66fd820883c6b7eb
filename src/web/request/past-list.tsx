import { RotateCw } from "lucide-react";
import { Button, IconButton } from "../ui/button.tsx";
import { Ago, sayDuration } from "../ui/small.tsx";
import type { Past } from "./past.ts";
import { StatusBadge } from "./status.tsx";

/** The last requests, to be written or sent anew. */
export function PastList({
  past,
  load,
  onForget,
}: {
  past: readonly Past[];
  load: (past: Past, again: boolean) => void;
  onForget: () => void;
}) {
  if (past.length === 0)
    return <p className="quiet small">What you send is remembered here, in this browser alone.</p>;
  return (
    <div className="stack tight">
      <ul className="past">
        {past.map((one) => {
          const what = `${one.draft.method} ${one.draft.path}`;
          return (
            <li key={one.at} className="past-row">
              <button type="button" className="past-load" title={what} onClick={() => load(one, false)}>
                <StatusBadge status={one.status} />
                <span className="mono cut">{what}</span>
                <span className="past-when quiet small">
                  {sayDuration(one.ms)} · <Ago at={one.at} />
                </span>
              </button>
              <IconButton label={`Send ${what} again`} small onClick={() => load(one, true)}>
                <RotateCw size={14} />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <div>
        <Button small kind="plain" onClick={onForget}>
          Forget all
        </Button>
      </div>
    </div>
  );
}
