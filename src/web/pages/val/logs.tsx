import { useTitle } from "../../shell/title.ts";

/** What a val writes, and its calls. */
export function Logs() {
  useTitle("Logs");
  return <div className="page">Logs</div>;
}
