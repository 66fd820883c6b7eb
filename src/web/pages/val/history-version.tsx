import { useTitle } from "../../shell/title.ts";

/** To come. */
export function VersionPage() {
  useTitle("VersionPage");
  return <div className="page">…</div>;
}
