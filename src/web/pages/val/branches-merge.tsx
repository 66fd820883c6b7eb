import { useTitle } from "../../shell/title.ts";

/** To come. */
export function MergePage() {
  useTitle("MergePage");
  return <div className="page">…</div>;
}
