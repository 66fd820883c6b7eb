// Asks the town's API for another user's files, variables, blobs, rows, mails and logs, by every id there is.
import { anyOf, askForSecrets, attack, type Town } from "./attempt.ts";

const spellings = ({ victim: { valId: id } }: Town) => [
  id,
  id.toUpperCase(),
  `self/../${id}`,
  `self%2f..%2f${id}`,
  `..%2fvals%2f${id}`,
  `self;${id}`,
  `${id}%00`,
  `%20${id}`,
  `self?val_id=${id}`,
  `{${id}}`,
];
const blobs = (town: Town) => [
  ...spellings(town).map((id) => `/v3/vals/${id}/blob/diary`),
  ...spellings(town).map((id) => `/v3/vals/${id}/blob?key=diary`),
  `/v3/vals/self/blob/..%2f..%2f${town.victim.valId}%2fblob%2fdiary`,
  `/v3/vals/self/blob/../../${town.victim.valId}/blob/diary`,
  "/v1/blob/diary",
  "/v2/blob/diary",
  `/v1/blob/${town.victim.userId}/diary`,
  `/v1/blob/../${town.victim.userId}/diary`,
  `/v1/blob/diary?user_id=${town.victim.userId}&userId=${town.victim.userId}`,
  `/v1/users/${town.victim.userId}/blob/diary`,
];
const select = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"statement":"select * from diary"}',
};
const pipeline = {
  ...select,
  body: JSON.stringify({
    baton: null,
    requests: [{ type: "execute", stmt: { sql: "select * from diary" } }],
  }),
};

export default attack({
  blobs: (town) => anyOf(blobs(town), (path) => askForSecrets(path)),
  "blobs, copied": (town) =>
    anyOf(
      ["copy_from", "move_from"].flatMap((how) =>
        [
          "diary",
          `../${town.victim.valId}/diary`,
          `/${town.victim.userId}/diary`,
          `val/${town.victim.valId}/diary`,
        ].map((from) => `/v3/vals/self/blob/mine?${how}=${encodeURIComponent(from)}`),
      ),
      async (path) => {
        await askForSecrets(path, { method: "POST" }).catch(() => {});
        return await askForSecrets("/v3/vals/self/blob/mine");
      },
    ),
  "blobs, put and deleted": (town) =>
    anyOf(
      blobs(town).filter((path) => path.includes(town.victim.valId)),
      async (path) => {
        // That it changed anything is seen from outside.
        await askForSecrets(path, { method: "DELETE" }).catch(() => {});
        return await askForSecrets(path, { method: "POST", body: "overwritten" });
      },
    ),
  rows: (town) =>
    anyOf(
      spellings(town).flatMap((id) => ["execute", "batch"].map((way) => `/v3/vals/${id}/sqlite/${way}`)),
      (path) => askForSecrets(path, select),
    ),
  "rows of the account": (town) =>
    anyOf(["/v1/sqlite/execute", `/v1/sqlite/execute?user_id=${town.victim.userId}`], (path) =>
      askForSecrets(path, select),
    ),
  "rows, as the client library asks": (town) =>
    anyOf(
      [
        ...spellings(town).flatMap((id) => ["v2", "v3"].map((v) => `/v3/vals/${id}/sqlite/${v}/pipeline`)),
        `/v3/vals/self/sqlite/../../${town.victim.valId}/sqlite/v2/pipeline`,
        `/v3/vals/self/sqlite/..%2f..%2f${town.victim.valId}%2fsqlite%2fv2%2fpipeline`,
        `/v3/sqlite/${town.victim.valId}/v2/pipeline`,
        "/v3/sqlite/v2/pipeline",
      ],
      (path) => askForSecrets(path, pipeline),
    ),
  "rows, by a name of a database": (town) =>
    anyOf([town.victim.valId, town.victim.userId, `${town.victim.valId}.db`, "../victim"], (name) =>
      askForSecrets("/v3/sqlite/v2/pipeline", {
        ...pipeline,
        headers: {
          ...pipeline.headers,
          "x-namespace": name,
          host: `${name}.localhost`,
          "x-sqlite-database": name,
        },
      }),
    ),
  files: ({ victim: { valId, fileId, branchId, username, valName } }) =>
    anyOf(
      [
        `/v2/vals/${valId}`,
        `/v2/alias/vals/${username}/${valName}`,
        `/v2/alias/vals/${username.toUpperCase()}/${valName}`,
        `/v2/vals/${valId}/files?path=&recursive=true&limit=10&offset=0`,
        `/v2/vals/${valId}/files/content?path=secret.ts`,
        `/v2/vals/${valId}/files/content?path=secret.ts&branch_id=${branchId}&version=1`,
        `/v2/files/${fileId}`,
        `/v2/vals/${valId}/branches?limit=10&offset=0`,
        `/v3/vals/${valId}/builds`,
        `/v2/vals?user_id=${valId}&privacy=private&limit=100&offset=0`,
        `/v2/me/vals?limit=100&offset=0&user_id=${valId}`,
      ],
      (path) => askForSecrets(path),
    ),
  variables: ({ victim: { valId } }) =>
    anyOf(
      [
        `/v2/vals/${valId}/environment_variables?limit=10&offset=0`,
        `/v2/vals/${valId}/environment_variables/KEY`,
      ],
      (path) => askForSecrets(path),
    ),
  mails: ({ victim: { mailId, userId } }) =>
    anyOf(
      [`/v3/mails/${mailId}`, `/v3/mails/${mailId.toUpperCase()}`, `/v3/mails?user_id=${userId}&limit=100`],
      (path) => askForSecrets(path),
    ),
  "logs and calls": ({ victim: { traceId, fileId, branchId, username } }) =>
    anyOf(
      [
        `/v3/traces/${traceId}`,
        `/v1/telemetry/logs?trace_ids=${traceId}`,
        `/v1/telemetry/logs?file_id=${fileId}`,
        `/v1/telemetry/logs?branch_ids=${branchId}`,
        `/v1/telemetry/traces?file_id=${fileId}`,
        `/v1/telemetry/traces?branch_ids=${branchId}&username=${username}`,
      ],
      (path) => askForSecrets(path),
    ),
  "its modules": ({ hamlet, victim: { username, valName } }) =>
    anyOf(
      [
        `http://esm.localhost:${hamlet}/v/${username}/${valName}/secret.ts`,
        `https://esm.town/v/${username}/${valName}/secret.ts`,
        `https://esm.town/v/${username}/${valName}@3-main/secret.ts`,
        `https://esm.town/v/${username}/${valName}@3-main/secret.ts?map`,
        `https://esm.town/v/${username.toUpperCase()}/${valName}/secret.ts`,
        `https://esm.town/v/std/../${username}/${valName}/secret.ts`,
        `https://esm.town/v/std%2f..%2f${username}/${valName}/secret.ts`,
        `https://esm.town/v/std/hamlet@0-x/..%2f..%2f..%2f${username}%2f${valName}%2fsecret.ts`,
        `https://esm.town/v/tester/read-another-users-things/..%2f..%2f${username}%2f${valName}%2fsecret.ts`,
      ],
      (url) => askForSecrets(url),
    ),
  "its endpoint, past its own check": ({ victim: { endpoint } }) =>
    anyOf(["", "secret-", "undefined", "null"], (key) =>
      askForSecrets(endpoint, { headers: { "x-key": key } }),
    ),
});
