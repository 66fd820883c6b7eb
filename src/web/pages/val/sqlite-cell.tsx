import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Select, Textarea } from "../../ui/field.tsx";
import { count, sayBytes } from "../../ui/small.tsx";
import { Loaded } from "../../ui/states.tsx";
import { blobSize, readValue, VALUE_TYPES, type Value, type ValueType, writeValue } from "./sqlite-value.ts";

/** Of a value that cannot be changed: all of it. */
export function ReadCell({ title, value, onClose }: { title: string; value: Value; onClose: () => void }) {
  const written = writeValue(value);
  return (
    <Dialog title={title} wide onClose={onClose}>
      <div className="row apart">
        <span className="quiet small">{sayValue(value)}</span>
        <CopyButton text={written} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="panel-log" tabIndex={0}>
        {written}
      </pre>
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

export interface EditCellProps {
  readonly title: string;
  /** The value as far as it is known; `whole` asks for all of it when it was cut. */
  readonly value: Value;
  readonly whole: (() => Promise<Value>) | undefined;
  readonly notNull: boolean;
  readonly onSave: (before: Value, after: Value) => void;
  readonly onClose: () => void;
}

/** Changes one value; its type stays unless another one is chosen. */
export function EditCell({ value, whole, ...props }: EditCellProps) {
  // Never from the cache: it is what the change is compared with.
  const asked = useQuery({
    queryKey: ["sqlite-cell", props.title],
    queryFn: () => whole!(),
    enabled: whole !== undefined,
    gcTime: 0,
  });
  if (whole === undefined) return <CellForm value={value} {...props} />;
  if (asked.data !== undefined) return <CellForm value={asked.data} {...props} />;
  return (
    <Dialog title={props.title} wide onClose={props.onClose}>
      <Loaded query={asked}>{() => null}</Loaded>
    </Dialog>
  );
}

function CellForm({ title, value, notNull, onSave, onClose }: Omit<EditCellProps, "whole">) {
  const [type, setType] = useState<ValueType>(value.type);
  const [written, setWritten] = useState(() => writeValue(value));
  const read = readValue(type, written);
  const wrong =
    typeof read === "string" ? read : type === "null" && notNull ? "The column takes no null." : undefined;
  const changed = type !== value.type || written !== writeValue(value);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (typeof read === "string") return;
    onSave(value, read);
    onClose();
  };
  return (
    <Dialog title={title} wide={written.length > 200} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <ValueFields
          label="Value"
          type={type}
          written={written}
          wrong={wrong}
          hint={sayValue(value)}
          onType={setType}
          onWritten={setWritten}
        />
        <div className="actions">
          <CopyButton text={written} />
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={!changed || wrong !== undefined}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A value with its type. */
export function ValueFields<T extends string = ValueType>({
  label,
  type,
  types = VALUE_TYPES as unknown as readonly T[],
  written,
  wrong,
  hint,
  onType,
  onWritten,
}: {
  label: string;
  type: T;
  types?: readonly T[];
  written: string;
  wrong?: string | undefined;
  hint?: string;
  onType: (type: T) => void;
  onWritten: (text: string) => void;
}) {
  const hasText = (VALUE_TYPES as readonly string[]).includes(type) && type !== "null";
  const rows = Math.min(Math.max(written.split("\n").length, Math.ceil(written.length / 80)), 18);
  return (
    <div className="sqlite-value">
      <Field label={label} {...(hint !== undefined && { hint })} wrong={wrong}>
        <Textarea
          className="mono"
          rows={rows}
          spellCheck={false}
          value={hasText ? written : ""}
          placeholder={hasText ? "" : type}
          disabled={!hasText}
          onChange={(event) => onWritten(event.target.value)}
        />
      </Field>
      <Field label={<span className="unseen">Type of {label.toLowerCase()}</span>}>
        <Select value={type} onChange={(event) => onType(event.target.value as T)}>
          {types.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

function sayValue(value: Value): string {
  if (value.type === "text") return count(value.value.length, "character");
  if (value.type === "blob") return `${sayBytes(blobSize(value.base64))}, in hexadecimal`;
  return value.type;
}
