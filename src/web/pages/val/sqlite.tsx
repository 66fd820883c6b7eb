import { useTitle } from "../../shell/title.ts";

/** The database of a val. */
export function Sqlite() {
  useTitle("SQLite");
  return <div className="page">SQLite</div>;
}
