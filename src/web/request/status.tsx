import { Badge } from "../ui/small.tsx";

/** A status in the colour of what it means; without one there was no answer. */
export function StatusBadge({ status, text = "" }: { status: number | null; text?: string }) {
  if (status === null) return <Badge kind="bad">no answer</Badge>;
  const kind = status < 300 ? "good" : status < 400 ? "info" : status < 500 ? "warn" : "bad";
  return (
    <Badge kind={kind}>
      {status}
      {text !== "" && ` ${text}`}
    </Badge>
  );
}
