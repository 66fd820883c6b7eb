import { useTitle } from "../../shell/title.ts";

/** The first page of the town. */
export function Front() {
  useTitle("");
  return <div className="page"></div>;
}
