import { useTitle } from "../../shell/title.ts";

/** The files of a val. */
export function Code() {
  useTitle("Code");
  return <div className="page">Code</div>;
}
