import { useTitle } from "../../shell/title.ts";

/** Members, invitations and usage of an organization. */
export function OrgSettings() {
  useTitle("Organization");
  return <div className="page">Organization</div>;
}
