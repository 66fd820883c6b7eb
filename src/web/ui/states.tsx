import type { ReactNode } from "react";
import { Problem, sayProblem } from "../client/problem.ts";
import { Button } from "./button.tsx";

/** Nothing is here, and what one could do about it. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** It could not be had; says why, and tries again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const title =
    error instanceof Problem && error.status === 0
      ? "Offline"
      : error instanceof Problem && error.status === 404
        ? "Not found"
        : "That did not work";
  return (
    <div className="state" role="alert">
      <h2>{title}</h2>
      <p>{sayProblem(error)}</p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** Grey lines in place of what is on its way. */
export function Loading({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className="stack tight" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, at) => (
        // The lines are alike, and stay where they are.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at} className="skeleton" style={{ height: 20, width: `${95 - ((at * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** A sentence that stands out. */
export function Note({ kind = "info", children }: { kind?: "info" | "warn" | "bad"; children: ReactNode }) {
  return (
    <div className={`note ${kind}`} {...(kind === "bad" && { role: "alert" })}>
      <div className="grow">{children}</div>
    </div>
  );
}

/** What a query has come to: its data, or one of the states above. */
export function Loaded<T>({
  query,
  children,
  loading,
}: {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
  loading?: ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return loading ?? <Loading />;
}
