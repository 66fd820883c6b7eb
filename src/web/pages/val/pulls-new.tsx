import { useTitle } from "../../shell/title.ts";

/** To come. */
export function NewPull() {
  useTitle("NewPull");
  return <div className="page">…</div>;
}
