import { type FormEvent, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { ValueFields } from "./sqlite-cell.tsx";
import { runOne } from "./sqlite-pipe.ts";
import { type Column, insertRow, type Table } from "./sqlite-sql.ts";
import { forgetSqlite } from "./sqlite-tables.ts";
import { readValue, VALUE_TYPES, type Value, type ValueType } from "./sqlite-value.ts";
import { useAct } from "./use-act.ts";

type Type = ValueType | "default";
const TYPES: readonly Type[] = ["default", ...VALUE_TYPES];

interface Written {
  readonly type: Type;
  readonly text: string;
}

/** Adds a row: a value for each column, or what the table gives it by itself. */
export function InsertRow({ valId, table, onClose }: { valId: string; table: Table; onClose: () => void }) {
  const columns = table.columns.filter(({ generated }) => !generated);
  const [written, setWritten] = useState<Readonly<Record<string, Written>>>(() =>
    Object.fromEntries(columns.map((column) => [column.name, { type: firstType(column), text: "" }])),
  );
  const { busy, problem, act } = useAct();
  const values = new Map<string, Value>();
  const wrong: Record<string, string> = {};
  for (const { name } of columns) {
    const { type, text } = written[name]!;
    const read = type === "default" ? undefined : readValue(type, text);
    if (typeof read === "string") wrong[name] = read;
    else if (read !== undefined) values.set(name, read);
  }
  const change = (name: string, more: Partial<Written>) =>
    setWritten({ ...written, [name]: { ...written[name]!, ...more } });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(async () => {
      await runOne(valId, insertRow(table, values));
      await forgetSqlite(valId);
    });
    if (!done) return;
    toast("The row is there.");
    onClose();
  };
  return (
    <Dialog title={`New row in ${table.name}`} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        {columns.map(({ name, type }) => (
          <ValueFields<Type>
            key={name}
            label={name}
            type={written[name]!.type}
            types={TYPES}
            written={written[name]!.text}
            {...(type !== "" && { hint: type })}
            {...(written[name]!.text !== "" && { wrong: wrong[name] })}
            onType={(chosen) => change(name, { type: chosen })}
            onWritten={(text) => change(name, { text })}
          />
        ))}
        {problem !== undefined && <Note kind="bad">{problem}</Note>}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={Object.keys(wrong).length > 0}>
            Insert row
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What one most likely wants to write there. */
function firstType({ type, notNull, hasDefault, key }: Column): Type {
  if (hasDefault || (key > 0 && /int/i.test(type))) return "default";
  if (!notNull && key === 0) return "null";
  if (/int/i.test(type)) return "integer";
  if (/real|floa|doub/i.test(type)) return "float";
  return "text";
}
