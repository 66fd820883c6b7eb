import { useTitle } from "../../shell/title.ts";

/** A person or an organization, and their vals. */
export function Person() {
  useTitle("Person");
  return <div className="page">Person</div>;
}
