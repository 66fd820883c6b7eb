import { useTitle } from "../../shell/title.ts";

/** One call of a val. */
export function TracePage() {
  useTitle("Trace");
  return <div className="page">Trace</div>;
}
