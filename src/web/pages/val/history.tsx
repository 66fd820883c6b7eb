import { useTitle } from "../../shell/title.ts";

/** Versions of a branch. */
export function History() {
  useTitle("History");
  return <div className="page">History</div>;
}
