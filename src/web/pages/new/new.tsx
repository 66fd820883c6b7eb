import { useTitle } from "../../shell/title.ts";

/** A new val from a template. */
export function New() {
  useTitle("New val");
  return <div className="page">New val</div>;
}
