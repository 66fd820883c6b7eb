import { useTitle } from "../../shell/title.ts";

/** Pull requests to a val. */
export function Pulls() {
  useTitle("Pull requests");
  return <div className="page">Pull requests</div>;
}
