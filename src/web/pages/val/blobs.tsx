import { useTitle } from "../../shell/title.ts";

/** Blobs of a val. */
export function Blobs() {
  useTitle("Blobs");
  return <div className="page">Blobs</div>;
}
