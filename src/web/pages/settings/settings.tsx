import { useTitle } from "../../shell/title.ts";

/** One's own account. */
export function Settings() {
  useTitle("Settings");
  return <div className="page">Settings</div>;
}
