import { useTitle } from "../../shell/title.ts";

/** Guides and the API's reference. */
export function Docs() {
  useTitle("Docs");
  return <div className="page">Docs</div>;
}
