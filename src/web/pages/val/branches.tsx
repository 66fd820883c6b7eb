import { useTitle } from "../../shell/title.ts";

/** Branches of a val. */
export function Branches() {
  useTitle("Branches");
  return <div className="page">Branches</div>;
}
