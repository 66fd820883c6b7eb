import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { exportTable, saveFile } from "./sqlite-export.ts";
import type { Table } from "./sqlite-sql.ts";

/** All of a table as CSV; tells how far it is, and stops when one presses again. */
export function ExportTable({ valId, table }: { valId: string; table: Table }) {
  const [rows, setRows] = useState<number>();
  const mine = useRef<AbortController>(undefined);
  useEffect(() => () => mine.current?.abort(), []);
  const go = async () => {
    if (rows !== undefined) return mine.current?.abort();
    mine.current = new AbortController();
    const { signal } = mine.current;
    setRows(0);
    try {
      const parts = await exportTable(valId, table, { signal, told: setRows });
      saveFile(`${table.name}.csv`, parts, "text/csv");
    } catch (error) {
      if (!signal.aborted) toastProblem(error);
    }
    setRows(undefined);
  };
  return (
    <Button small icon={<Download size={15} />} onClick={() => void go()}>
      {rows === undefined ? "CSV" : `${rows.toLocaleString("en")} rows, stop`}
    </Button>
  );
}
