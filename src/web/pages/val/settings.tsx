import { useTitle } from "../../shell/title.ts";

/** Name, description, privacy of a val; its export and its end. */
export function ValSettings() {
  useTitle("Settings");
  return <div className="page">Settings</div>;
}
