import "./panel.css";
import "./sqlite.css";
import { useQuery } from "@tanstack/react-query";
import { Download, Eye, Table2, TerminalSquare } from "lucide-react";
import { useState } from "react";
import { pathOf } from "../../client/call.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Empty, Loaded, Loading } from "../../ui/states.tsx";
import { useVal } from "./context.ts";
import { ForWriters } from "./for-writers.tsx";
import { Browse, sayRows } from "./sqlite-browse.tsx";
import { RunSql } from "./sqlite-run.tsx";
import { type Listed, MOST_COUNTED, tablesQuery } from "./sqlite-tables.ts";

const FIRST_TABLE = `create table visits (
  id integer primary key,
  path text not null,
  at text not null default current_timestamp
);
insert into visits (path) values ('/');
select * from visits;
`;

/** The database of a val. */
export function Sqlite() {
  useTitle("SQLite");
  return (
    <ForWriters what="database">
      <DatabasePanel />
    </ForWriters>
  );
}

/** SQL, or the table of that name. */
type Shown = { readonly sql: true; readonly example?: string } | { readonly table: string };

function DatabasePanel() {
  const { val } = useVal();
  const asked = useQuery(tablesQuery(val.id));
  const [chosen, setChosen] = useState<Shown>();
  return (
    <Loaded
      query={asked}
      loading={
        <div className="sqlite">
          <div className="sqlite-side" />
          <div className="sqlite-main">
            <Loading lines={8} />
          </div>
        </div>
      }
    >
      {(tables) => {
        const shown = chosen ?? (tables[0] ? { table: tables[0].name } : undefined);
        return (
          <div className="sqlite">
            <Side tables={tables} shown={shown} onShow={setChosen} />
            <section className="sqlite-main" aria-label="Database">
              <Main tables={tables} shown={shown} onShow={setChosen} />
            </section>
          </div>
        );
      }}
    </Loaded>
  );
}

interface PartProps {
  readonly tables: readonly Listed[];
  readonly shown: Shown | undefined;
  readonly onShow: (shown: Shown) => void;
}

function Main({ tables, shown, onShow }: PartProps) {
  const { val } = useVal();
  if (shown === undefined) {
    return (
      <Empty
        title="No tables yet"
        action={
          <Button kind="primary" onClick={() => onShow({ sql: true, example: FIRST_TABLE })}>
            Make one with SQL
          </Button>
        }
      >
        Every val has a database of its own. Its code reaches it by <code>sqlite.execute("…")</code> of{" "}
        <code>https://esm.town/v/std/sqlite/main.ts</code>.
      </Empty>
    );
  }
  if ("sql" in shown)
    return <RunSql key="sql" valId={val.id} valName={val.name} first={shown.example ?? ""} />;
  const listed = tables.find(({ name }) => name === shown.table);
  if (listed === undefined) return <Empty title="This table is gone">Choose another one.</Empty>;
  return <Browse key={listed.name} valId={val.id} listed={listed} />;
}

function Side({ tables, shown, onShow }: PartProps) {
  const { val } = useVal();
  const isSql = shown !== undefined && "sql" in shown;
  return (
    <div className="sqlite-side">
      <h2>SQLite</h2>
      <nav className="sqlite-list" aria-label="Tables">
        <button
          type="button"
          className="sqlite-item"
          aria-current={isSql ? "true" : undefined}
          onClick={() => onShow({ sql: true })}
        >
          <TerminalSquare size={15} aria-hidden /> Run SQL
        </button>
        {tables.map(({ name, kind, rows }) => (
          <button
            key={name}
            type="button"
            className="sqlite-item"
            aria-current={!isSql && shown?.table === name ? "true" : undefined}
            title={`${name}${rows === undefined ? "" : `, ${sayRows(rows)}`}`}
            onClick={() => onShow({ table: name })}
          >
            {kind === "view" ? <Eye size={15} aria-hidden /> : <Table2 size={15} aria-hidden />}
            <span className="cut grow">{name}</span>
            <span className="quiet small">{rows !== undefined && shortRows(rows)}</span>
          </button>
        ))}
      </nav>
      <a
        className={buttonClass({ small: true })}
        href={pathOf("dumpValSql", { params: { val_id: val.id } })}
        download={`${val.name}.sql`}
      >
        <Download size={15} aria-hidden /> Download as SQL
      </a>
    </div>
  );
}

const shortRows = (rows: number) =>
  rows > MOST_COUNTED ? `${MOST_COUNTED / 1000}k+` : rows.toLocaleString("en");
