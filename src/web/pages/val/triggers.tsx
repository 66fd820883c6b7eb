import { useTitle } from "../../shell/title.ts";

/** What starts the files of a val. */
export function Triggers() {
  useTitle("Triggers");
  return <div className="page">Triggers</div>;
}
