import { useTitle } from "../../shell/title.ts";

/** The town, for its operator. */
export function Admin() {
  useTitle("The town");
  return <div className="page">The town</div>;
}
