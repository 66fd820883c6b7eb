import { useTitle } from "../../shell/title.ts";

/** Vals, code and people that were searched for. */
export function SearchPage() {
  useTitle("Search");
  return <div className="page">Search</div>;
}
