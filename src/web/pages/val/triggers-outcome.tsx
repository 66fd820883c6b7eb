import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { Button, IconButton } from "../../ui/button.tsx";
import { Badge, sayDuration } from "../../ui/small.tsx";
import { useVal } from "./context.ts";
import type { Run } from "./use-run.ts";

/** What a run by hand does, while it does it and afterwards. */
export function RunOutcome({
  run,
  label,
  onStop,
  onClose,
}: {
  run: Run;
  label: string;
  onStop: () => void;
  onClose: () => void;
}) {
  const { state, lines, error, durationMs, traceId } = run;
  return (
    <section className="triggers-outcome" aria-label={label}>
      <div className="row wrap" aria-live="polite">
        <Badge kind={state === "ok" ? "good" : state === "failed" ? "bad" : "info"}>
          {state === "running" ? "running…" : state}
        </Badge>
        {durationMs !== undefined && <span className="quiet small">{sayDuration(durationMs)}</span>}
        {traceId !== undefined && state !== "running" && <TraceLink id={traceId}>Trace</TraceLink>}
        <span className="grow" />
        {state === "running" ? (
          <Button small onClick={onStop}>
            Stop
          </Button>
        ) : (
          <IconButton small label="Close" onClick={onClose}>
            <X size={15} />
          </IconButton>
        )}
      </div>
      {error !== undefined && (
        <div className="note bad" role="alert">
          {error}
        </div>
      )}
      {lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre className="panel-log" role="log" tabIndex={0} aria-label="Output">
          {lines.map(({ at, stream, text }, index) => (
            // Lines come one behind the other and stay.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <span key={`${index} ${at}`} className={stream}>
              {text.replace(/\n?$/, "\n")}
            </span>
          ))}
        </pre>
      ) : (
        state !== "running" && <p className="quiet small">It wrote nothing.</p>
      )}
    </section>
  );
}

/** To all that is known of a call. */
export function TraceLink({ id, children }: { id: string; children: string }) {
  const { val } = useVal();
  return (
    <Link
      to="/x/$user/$val/traces/$trace"
      params={{ user: val.author.username ?? "", val: val.name, trace: id }}
    >
      {children}
    </Link>
  );
}
