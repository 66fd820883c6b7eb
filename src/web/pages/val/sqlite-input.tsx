import type { KeyboardEvent } from "react";
import { Textarea } from "../../ui/field.tsx";
import type { Place } from "./sqlite-place.ts";

/** Where SQL is written. */
export function SqlInput({
  text,
  places,
  onChange,
  onRun,
}: {
  text: string;
  /** What is wrong, and where. */
  places: readonly Place[];
  onChange: (text: string) => void;
  onRun: () => void;
}) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    onRun();
  };
  return (
    <Textarea
      className="mono sqlite-input"
      aria-label="SQL"
      aria-invalid={places.length > 0}
      spellCheck={false}
      rows={Math.min(Math.max(text.split("\n").length, 5), 14)}
      placeholder="select * from …"
      value={text}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
