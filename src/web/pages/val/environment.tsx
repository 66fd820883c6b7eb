import { useTitle } from "../../shell/title.ts";

/** Environment variables of a val. */
export function Environment() {
  useTitle("Environment variables");
  return <div className="page">Environment variables</div>;
}
