import { Editor } from "../../editor/editor.tsx";
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
  return (
    <div className="sqlite-input">
      <Editor
        text={text}
        path="query.sql"
        label="SQL"
        diagnostics={places}
        onChange={onChange}
        onRun={onRun}
      />
    </div>
  );
}
