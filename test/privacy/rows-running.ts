/** Who gets what of a val that runs: its builds, calls, triggers, blobs and database. */

import type { ValRow } from "./types.ts";

const select = { json: { statement: "select name from sqlite_master" } };
const selects = { json: { statements: ["select name from sqlite_master"] } };
const pipeline = {
  json: { requests: [{ type: "execute", stmt: { sql: "select name from sqlite_master" } }] },
};

export const RUNNING_ROWS: readonly ValRow[] = [
  ["GET /v3/vals/{val_id}/builds", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "GET /v3/vals/{val_id}/versions/{version}/builds",
    "200 200 200 200",
    "200 200 200 200",
    "200 200 404 404",
  ],
  // In this town nobody starts vals: who is let through gets 503.
  [
    "POST /v3/vals/{val_id}/run",
    ...(["503 503 403 401", "503 503 403 401", "503 503 404 401"] as const),
    { json: { path: "main.ts" } },
  ],
  // Endpoints may be called by anyone, even a private val's; but by the id of the file only by who may see it.
  [
    "POST /v3/files/{file_id}/invoke",
    ...(["503 503 503 401", "503 503 503 401", "503 503 404 401"] as const),
    { json: {} },
  ],
  ["GET /v3/files/{file_id}/trigger", "200 200 200 200", "200 200 200 200", "200 200 404 404"],
  [
    "PATCH /v3/files/{file_id}/trigger",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    { fresh: true, json: { subdomain: "s-{trace_id}" } },
  ],
  // Its members may write to it for a test, and read what others write to it.
  [
    "POST /v2/vals/{val_id}/files/email",
    ...(["202 202 403 401", "202 202 403 401", "202 202 404 401"] as const),
    { query: "?path=mail.ts", json: {}, headers: { prefer: "respond-async" } },
  ],
  ["GET /v3/vals/{val_id}/mails", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  ["GET /v3/vals/{val_id}/mails/{received_id}/raw", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  [
    "POST /v3/domains",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, json: { host: "d-{trace_id}.example.com", fileId: "{file_id}" } },
  ],
  // What failed, and why, is for those who may mend it.
  ["GET /v3/vals/{val_id}/jobs", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  ["GET /v3/files/{file_id}/runs", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  [
    "POST /v3/jobs/{job_id}/retry",
    ...(["200 200 404 401", "200 200 404 401", "200 200 404 401"] as const),
    { fresh: true },
  ],
  [
    "DELETE /v3/jobs/{job_id}",
    ...(["204 204 404 401", "204 204 404 401", "204 204 404 401"] as const),
    { fresh: true },
  ],
  ["GET /v3/vals/{val_id}/blob", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  ["GET /v3/vals/{val_id}/blob/{key}", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  [
    "POST /v3/vals/{val_id}/blob/{key}",
    ...(["201 201 403 401", "201 201 403 401", "201 201 404 401"] as const),
    { fresh: true, body: "new" },
  ],
  [
    "DELETE /v3/vals/{val_id}/blob/{key}",
    ...(["204 204 403 401", "204 204 403 401", "204 204 404 401"] as const),
    { fresh: true },
  ],
  ["POST /v3/vals/{val_id}/sqlite/execute", "200 200 403 401", "200 200 403 401", "200 200 404 401", select],
  ["GET /v3/vals/{val_id}/sqlite/dump", "200 200 403 401", "200 200 403 401", "200 200 404 401"],
  ["POST /v3/vals/{val_id}/sqlite/batch", "200 200 403 401", "200 200 403 401", "200 200 404 401", selects],
  [
    "POST /v3/vals/{val_id}/sqlite/v3/pipeline",
    ...(["200 200 403 401", "200 200 403 401", "200 200 404 401"] as const),
    pipeline,
  ],
  // Of calls and logs the filter by val shows nobody more than what is theirs.
  [
    "GET /v3/live/logs",
    "200 200 200 401",
    "200 200 200 401",
    "200 200 200 401",
    { headers: { "last-event-id": "0" } },
  ],
  [
    "GET /v1/telemetry/logs",
    "200 200 200 401",
    "200 200 200 401",
    "200 200 200 401",
    { query: "?file_id={file_id}" },
  ],
  [
    "GET /v1/telemetry/traces",
    "200 200 200 401",
    "200 200 200 401",
    "200 200 200 401",
    { query: "?branch_ids={branch_id}" },
  ],
  ["GET /v3/traces/{trace_id}", "200 200 404 401", "200 200 404 401", "200 200 404 401"],
];
