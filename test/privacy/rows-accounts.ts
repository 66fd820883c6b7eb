/** Who gets what of accounts and organizations. What a val's privacy is makes no difference here. */

import type { Stage } from "./stage.ts";
import type { AccountRow } from "./types.ts";

/** An organization to be deleted. */
let count = 0;
async function anotherOrg(stage: Stage) {
  const json = { username: `other-${++count}` };
  const { id } = (await stage.as("owner", 201, "POST", "/v3/orgs", { json })).json;
  return { org_id: id };
}

/** An invitation for bob, who is a stranger as long as he has not accepted it. */
async function invited(stage: Stage) {
  const { org_id } = await anotherOrg(stage);
  const json = { username: "Bob" };
  const offer = await stage.as("owner", 201, "POST", `/v3/orgs/${org_id}/invitations`, { json });
  return { invitation_id: offer.json.id };
}

async function offered(stage: Stage) {
  const json = { email: `zqhid-${++count}@example.org` };
  const offer = await stage.as("owner", 201, "POST", `/v3/orgs/${stage.org}/invitations`, { json });
  return { invitation_id: offer.json.id };
}

export const ACCOUNT_ROWS: readonly AccountRow[] = [
  ["GET /v1/me", "200 200 200 401"],
  // Names and pictures of people and organizations are public, their addresses are not.
  ["GET /v1/users/{owner_id}", "200 200 200 200"],
  ["GET /v1/alias/{username}", "200 200 200 200"],
  ["GET /v3/me", "200 200 200 401"],
  ["PATCH /v3/me", "200 200 200 401", { json: { bio: "new" } }],
  // Without a password only a fresh session may; a token is refused.
  ["DELETE /v3/me", "400 400 400 401"],
  ["GET /v3/me/usage", "200 200 200 401"],
  ["GET /v3/me/audit", "200 200 200 401"],
  ["GET /v3/me/tokens", "200 200 200 401"],
  ["POST /v3/me/tokens", "201 201 201 401", { json: { label: "new" } }],
  // It is the owner's own; to others it is not there. Gone after the first call, so that it is anew for each.
  [
    "DELETE /v3/me/tokens/{token_id}",
    "204 404 404 401",
    {
      make: async (stage) => {
        const made = await stage.town.store.tokens.create({ userId: stage.names.owner_id! });
        return { token_id: made.id };
      },
    },
  ],
  // Whose they are is in test/sign-ins.test.ts: who has a token only has none.
  ["GET /v3/me/sessions", "200 200 200 401"],
  ["DELETE /v3/me/sessions", "204 204 204 401"],
  ["DELETE /v3/me/sessions/{unknown}", "404 404 404 401"],
  ["GET /v3/me/passkeys", "200 200 200 401"],
  ["DELETE /v3/me/passkeys/{unknown}", "404 404 404 401"],
  ["GET /v3/me/grants", "200 200 200 401"],
  ["DELETE /v3/me/grants/{grant_id}", "404 404 404 401"],
  ["GET /v3/me/likes", "200 200 200 401"],
  ["GET /v3/me/invitations", "200 200 200 401"],
  ["POST /v3/me/invitations/{invitation_id}/accept", "404 404 201 401", { make: invited }],
  ["POST /v3/me/invitations/{invitation_id}/decline", "404 404 204 401", { make: invited }],
  ["GET /v3/me/export", "200 200 200 401"],

  ["GET /v2/orgs", "200 200 200 401"],
  ["POST /v3/orgs", "409 409 409 401", { json: { username: "acme" } }],
  ["PATCH /v3/orgs/{org_id}", "200 403 404 401", { json: { bio: "new" } }],
  ["DELETE /v3/orgs/{org_id}", "204 404 404 401", { make: anotherOrg }],
  ["GET /v2/orgs/{org_id}/memberships", "200 200 404 401"],
  ["PATCH /v3/orgs/{org_id}/memberships/{user_id}", "200 403 404 401", { json: { role: "member" } }],
  // The member may leave, but for this table he stays: it is the owner who is to go, and as the last one cannot.
  ["DELETE /v3/orgs/{org_id}/memberships/{owner_id}", "409 403 404 401"],
  ["GET /v3/orgs/{org_id}/invitations", "200 403 404 401"],
  ["POST /v3/orgs/{org_id}/invitations", "409 403 404 401", { json: { username: "mia" } }],
  ["DELETE /v3/orgs/{org_id}/invitations/{invitation_id}", "204 403 404 401", { make: offered }],
  ["GET /v3/orgs/{org_id}/usage", "200 200 404 401"],
  ["GET /v3/orgs/{org_id}/export", "200 200 404 401"],

  // The operator is none of the four.
  ["GET /v3/admin/users", "403 403 403 401"],
  ["PATCH /v3/admin/users/{user_id}", "403 403 403 401", { json: { suspended: true } }],
  ["GET /v3/admin/invites", "403 403 403 401"],
  ["POST /v3/admin/invites", "403 403 403 401", { json: {} }],
  ["DELETE /v3/admin/invites/{invite_id}", "403 403 403 401"],
  ["GET /v3/admin/audit", "403 403 403 401"],
  ["GET /v3/admin/town", "403 403 403 401"],
];
