import { useTitle } from "../../shell/title.ts";

/** One pull request. */
export function PullPage() {
  useTitle("Pull request");
  return <div className="page">Pull request</div>;
}
