/** Who gets what of lists, services and the town itself. What a val's privacy is shows in what the lists tell, not in statuses. */

import type { AccountRow } from "./types.ts";

const select = { json: { statement: "select 1" } };
const selects = { json: { statements: ["select 1"] } };
const pipeline = { json: { requests: [{ type: "execute", stmt: { sql: "select 1" } }] } };

export const TOWN_ROWS: readonly AccountRow[] = [
  ["GET /v2/vals", "200 200 200 401", { query: "?limit=100" }],
  ["GET /v2/me/vals", "200 200 200 401"],
  [
    "POST /v2/vals",
    "201 201 403 401",
    { json: { name: "n{unique}", privacy: "private", orgId: "{org_id}" } },
  ],
  ["GET /v3/search", "200 200 200 200", { query: "?query=zq&limit=100" }],
  ["GET /v1/search/vals", "200 200 200 200", { query: "?query=zq&limit=100" }],

  // One's own account's: each has one, and sees no other's.
  ["GET /v1/blob", "200 200 200 401"],
  ["GET /v1/blob/{key}", "200 404 404 401"],
  ["POST /v1/blob/{unique}", "201 201 201 401", { body: "new" }],
  ["DELETE /v1/blob/{unique}", "204 204 204 401"],
  ["POST /v1/sqlite/execute", "200 200 200 401", select],
  ["POST /v1/sqlite/batch", "200 200 200 401", selects],
  ["POST /v3/sqlite/v3/pipeline", "200 200 200 401", pipeline],

  ["GET /v3/orgs/{org_id}/blob", "200 200 404 401"],
  ["GET /v3/orgs/{org_id}/blob/{key}", "200 200 404 401"],
  ["POST /v3/orgs/{org_id}/blob/{unique}", "201 201 404 401", { body: "new" }],
  ["DELETE /v3/orgs/{org_id}/blob/{unique}", "204 204 404 401"],
  ["POST /v3/orgs/{org_id}/sqlite/execute", "200 200 404 401", select],
  ["POST /v3/orgs/{org_id}/sqlite/batch", "200 200 404 401", selects],
  ["POST /v3/orgs/{org_id}/sqlite/v3/pipeline", "200 200 404 401", pipeline],

  ["POST /v1/email", "202 202 202 401", { json: { subject: "new", text: "new" } }],
  ["GET /v3/mails", "200 200 200 401"],
  ["GET /v3/mails/{mail_id}", "200 404 404 401"],

  ["GET /v3/live/traces", "200 200 200 401", { headers: { "last-event-id": "0" } }],

  ["GET /v3/domains", "200 200 200 401"],
  // There is no such record: who may have it looked for is told so.
  ["POST /v3/domains/{host}/verify", "422 429 404 401"],
  ["DELETE /v3/domains/{none}", "404 404 404 401"],
  // A proxy asks it, of hosts that anyone can call.
  ["GET /v3/domains/ask", "404 404 404 404", { query: "?domain={host}" }],

  ["GET /v3/connections", "200 200 200 401"],
  ["PUT /v3/connections/google-docs", "400 400 400 401", { json: {} }],
  ["PUT /v3/connections/slack", "400 400 400 401", { json: {} }],
  ["DELETE /v3/connections/{provider}/{account}", "404 404 404 401"],
  [
    "POST /v3/connections/google-docs/token",
    "404 404 404 401",
    { json: { email: "olga-zqhid@example.org" } },
  ],
  ["POST /v3/connections/slack/token", "404 404 404 401", { json: { team_id: "T1" } }],

  ["POST /v3/import", "400 400 404 401", { query: "?org_id={org_id}", body: "no archive" }],
  [
    "POST /v3/import/remote",
    // A server of one's own network is no place to fetch from.
    "403 403 404 401",
    { json: { url: "http://127.0.0.1:9", token: "x", orgId: "{org_id}" } },
  ],

  ["GET /openapi.json", "200 200 200 200"],
];
