/** Who gets what of a val, its files, variables, branches and versions. In each cell: owner, member, stranger, anonymous. */

import type { ValRow } from "./types.ts";

const file = { type: "script", content: "// new" };
/** Two versions, so that there is one to go back to. */
const edited = { content: "// edited" };

export const VAL_ROWS: readonly ValRow[] = [
  ["GET /v2/vals/{val_id}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  ["GET /v2/alias/vals/{username}/{val_name}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  ["DELETE /v2/vals/{val_id}", "204 204 403 401", "204 204 403 401", "204 204 404 401", { fresh: true }],
  ["GET /v3/vals/{val_id}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "PATCH /v3/vals/{val_id}",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { description: "changed", privacy: "unlisted" } },
  ],
  // From an organization only its owner gives vals away.
  [
    "POST /v3/vals/{val_id}/transfer",
    ...(["200 403 403 401", "200 403 403 401", "200 403 404 401"] as const),
    { fresh: true, json: { ownerId: "{owner_id}" } },
  ],
  // Whoever may read a val may like it.
  ["PUT /v3/vals/{val_id}/like", "204 204 204 401", "204 204 204 401", "204 204 404 401"],
  ["DELETE /v3/vals/{val_id}/like", "204 204 204 401", "204 204 204 401", "204 204 404 401"],
  // And copy it.
  [
    "POST /v3/vals/{val_id}/remix",
    ...(["201 201 201 401", "201 201 201 401", "201 201 404 401"] as const),
    { json: {} },
  ],
  ["GET /v3/vals/{val_id}/export", "200 200 200 200", "200 200 200 200", "200 200 404 404"],

  [
    "GET /v2/vals/{val_id}/files",
    "200 200 200 200",
    "200 200 200 200",
    "200 200 404 404",
    { query: "?path=&recursive=true" },
  ],
  [
    "POST /v2/vals/{val_id}/files",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, query: "?path=new.ts", json: file },
  ],
  [
    "PUT /v2/vals/{val_id}/files",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, query: "?path=main.ts", json: edited },
  ],
  [
    "DELETE /v2/vals/{val_id}/files",
    ...(["204 204 403 401", "204 204 403 401", "204 204 404 401"] as const),
    { fresh: true, query: "?path=main.ts" },
  ],
  [
    "GET /v2/vals/{val_id}/files/content",
    "200 200 200 200",
    "200 200 200 200",
    "200 200 404 404",
    { query: "?path=main.ts" },
  ],
  ["GET /v2/files/{file_id}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],

  // Even the names of variables are for those who may change the val.
  ["GET /v2/vals/{val_id}/environment_variables", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  [
    "POST /v2/vals/{val_id}/environment_variables",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, json: { key: "NEW", value: "new" } },
  ],
  [
    "PUT /v2/vals/{val_id}/environment_variables/{variable}",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, json: { value: "changed" } },
  ],
  [
    "DELETE /v2/vals/{val_id}/environment_variables/{variable}",
    ...(["204 204 403 401", "204 204 403 401", "204 204 404 401"] as const),
    { fresh: true },
  ],

  ["GET /v2/vals/{val_id}/branches", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  ["GET /v2/vals/{val_id}/branches/{branch_id}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "POST /v2/vals/{val_id}/branches",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, json: { name: "new" } },
  ],
  [
    "DELETE /v2/vals/{val_id}/branches/{branch}",
    ...(["204 204 403 401", "204 204 403 401", "204 204 404 401"] as const),
    { fresh: true },
  ],
  [
    "PATCH /v3/vals/{val_id}/branches/{branch}",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { name: "renamed" } },
  ],
  [
    "GET /v3/vals/{val_id}/branches/{branch}/merge",
    ...(["200 200 200 200", "200 200 200 200", "200 200 404 404"] as const),
    { query: "?into=parent" },
  ],
  [
    "POST /v3/vals/{val_id}/branches/{branch}/merge",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { into: "parent" } },
  ],

  ["GET /v3/vals/{val_id}/versions", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  ["GET /v3/vals/{val_id}/versions/{version}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "GET /v3/vals/{val_id}/diff",
    "200 200 200 200",
    "200 200 200 200",
    "200 200 404 404",
    { query: "?from=0" },
  ],
  [
    "POST /v3/vals/{val_id}/revert",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { version: 0 } },
  ],

  ["GET /v3/vals/{val_id}/pulls", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  // Only of what one may change, changes are proposed: a stranger has a remix for that.
  [
    "POST /v3/vals/{val_id}/pulls",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    {
      fresh: true,
      json: { title: "again", sourceBranchId: "{branch}" },
      // The first one is under way.
      make: async (stage, { val_id }) => {
        await stage.as("owner", 200, "POST", `/v3/vals/${val_id}/pulls/1/close`);
        return {};
      },
    },
  ],
  ["GET /v3/vals/{val_id}/pulls/{number}", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  ["GET /v3/vals/{val_id}/pulls/{number}/diff", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "PATCH /v3/vals/{val_id}/pulls/{number}",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { title: "changed" } },
  ],
  [
    "POST /v3/vals/{val_id}/pulls/{number}/merge",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: {} },
  ],
  [
    "POST /v3/vals/{val_id}/pulls/{number}/close",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true },
  ],
  [
    "POST /v3/vals/{val_id}/pulls/{number}/reopen",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    {
      fresh: true,
      make: async (stage, { val_id }) => {
        await stage.as("owner", 200, "POST", `/v3/vals/${val_id}/pulls/1/close`);
        return {};
      },
    },
  ],
];
