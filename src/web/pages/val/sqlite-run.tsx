import { Download, Play } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { statementsOf } from "../../../val/sql-tokens.ts";
import { sayProblem } from "../../client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Badge, count, Keys, sayDuration } from "../../ui/small.tsx";
import { Note } from "../../ui/states.tsx";
import { ReadCell } from "./sqlite-cell.tsx";
import { toCsvHead, toCsvLine } from "./sqlite-csv.ts";
import { saveFile } from "./sqlite-export.ts";
import { Grid } from "./sqlite-grid.tsx";
import { SqlInput } from "./sqlite-input.tsx";
import { type Outcome, type Result, runAll } from "./sqlite-pipe.ts";
import { type Place, placeOf } from "./sqlite-place.ts";
import { forgetSqlite } from "./sqlite-tables.ts";

/** Of a statement that was run: where it stands in what was written, and what it gave. */
interface Ran {
  readonly text: string;
  readonly from: number;
  readonly outcome: Outcome;
}

interface State {
  /** What was run: it may have been changed since. */
  readonly sql: string;
  readonly ran: readonly Ran[];
  readonly ms?: number;
  readonly error?: string;
}

/** Runs whatever SQL is written, and shows what each statement gave. */
export function RunSql({ valId, valName, first }: { valId: string; valName: string; first: string }) {
  const draft = `hamlet-sql-${valId}`;
  const [sql, setSql] = useState(() => first || (sessionStorage.getItem(draft) ?? ""));
  const { state, busy, run, stop } = useSql(valId);
  const change = (text: string) => {
    setSql(text);
    sessionStorage.setItem(draft, text);
  };
  const places = useMemo(() => placesOf(state), [state]);
  return (
    <>
      <div className="panel-bar">
        <h3>Run SQL</h3>
        <span className="grow" />
        <Keys keys="Mod+Enter" />
        {busy && <Button onClick={stop}>Stop waiting</Button>}
        <Button
          kind="primary"
          icon={<Play size={15} />}
          busy={busy}
          disabled={sql.trim() === ""}
          onClick={() => void run(sql)}
        >
          Run
        </Button>
      </div>
      <SqlInput text={sql} places={places} onChange={change} onRun={() => void run(sql)} />
      {state.error !== undefined && <Note kind="bad">{state.error}</Note>}
      <div className="stack sqlite-results" aria-live="polite">
        {state.ran.map(({ text, from, outcome }, at) => (
          <Ended
            key={`${from} ${text}`}
            number={state.ran.length > 1 ? at + 1 : undefined}
            text={text}
            outcome={outcome}
            place={outcome && "error" in outcome ? places[0] : undefined}
            valName={valName}
          />
        ))}
        {state.ms !== undefined && (
          <p className="quiet small">
            {count(state.ran.length, "statement")}, {sayDuration(state.ms)} with the way there and back.
          </p>
        )}
      </div>
    </>
  );
}

function placesOf({ sql, ran }: State): Place[] {
  return ran.flatMap(({ text, from, outcome }) =>
    outcome && "error" in outcome ? [placeOf(sql, { text, from }, outcome.error)] : [],
  );
}

function useSql(valId: string) {
  const [state, setState] = useState<State>({ sql: "", ran: [] });
  const [busy, setBusy] = useState(false);
  const mine = useRef<AbortController>(undefined);
  useEffect(() => () => mine.current?.abort(), []);
  const run = async (sql: string): Promise<void> => {
    const found = cut(sql);
    if (busy || found.length === 0) return;
    mine.current = new AbortController();
    const { signal } = mine.current;
    setBusy(true);
    const began = performance.now();
    try {
      const statements = found.map(({ text }) => ({ sql: text }));
      const outcomes = await runAll(valId, statements, signal);
      const ran = found.map((one, at) => ({ ...one, outcome: outcomes[at] }));
      setState({ sql, ran, ms: performance.now() - began });
    } catch (error) {
      const said = signal.aborted ? "You left it. It may still have been carried out." : sayProblem(error);
      setState({ sql, ran: [], error: said });
    }
    setBusy(false);
    await forgetSqlite(valId);
  };
  return { state, busy, run, stop: () => mine.current?.abort() };
}

/** The statements of a text, each with its place. */
function cut(sql: string): { text: string; from: number }[] {
  let from = 0;
  return [...statementsOf(sql)].map(({ text }) => {
    const at = sql.indexOf(text, from);
    from = at + text.length;
    return { text, from: at };
  });
}

function Ended({
  number,
  text,
  outcome,
  place,
  valName,
}: {
  number: number | undefined;
  text: string;
  outcome: Outcome;
  place: Place | undefined;
  valName: string;
}) {
  const name = number === undefined ? "" : `${number}. `;
  return (
    <section className="sqlite-result" aria-label={`Statement ${number ?? 1}`}>
      <div className="row wrap">
        <code className="cut grow quiet" title={text}>
          {name}
          {text.replace(/\s+/g, " ").slice(0, 300)}
        </code>
        {outcome === undefined && <Badge>not run</Badge>}
        {outcome && !("error" in outcome) && <Badge kind="good">{say(outcome)}</Badge>}
        {outcome && "columns" in outcome && outcome.columns.length > 0 && (
          <SaveResult result={outcome} name={`${valName}-result`} />
        )}
      </div>
      {outcome && "error" in outcome && (
        <Note kind="bad">
          {outcome.error}
          {place && ` (line ${place.line}, column ${place.column})`}
        </Note>
      )}
      {outcome && "columns" in outcome && outcome.columns.length > 0 && outcome.rows.length > 0 && (
        <Rows result={outcome} label={`Result of statement ${number ?? 1}`} />
      )}
    </section>
  );
}

function Rows({ result, label }: { result: Result; label: string }) {
  const [open, setOpen] = useState<readonly [row: number, column: number]>();
  const value = open && result.rows[open[0]]?.[open[1]];
  return (
    <>
      <Grid
        label={label}
        columns={result.columns.map((name) => ({ name }))}
        rows={result.rows}
        onOpen={(row, column) => setOpen([row, column])}
      />
      {open && value && (
        <ReadCell
          title={`${result.columns[open[1]]} of row ${open[0] + 1}`}
          value={value}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

function SaveResult({ result, name }: { result: Result; name: string }) {
  const save = () =>
    saveFile(`${name}.csv`, [toCsvHead(result.columns), ...result.rows.map(toCsvLine)], "text/csv");
  return (
    <Button small icon={<Download size={15} />} onClick={save}>
      CSV
    </Button>
  );
}

function say({ columns, rows, affected }: Result): string {
  return columns.length > 0 ? count(rows.length, "row") : `${count(affected, "row")} changed`;
}
