/** JSON that is nested so deeply that reading it would hold up the whole town. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startHamlet, type TestHamlet } from "./support/server.ts";

let hamlet: TestHamlet;
beforeAll(async () => {
  hamlet = await startHamlet();
});
afterAll(() => hamlet[Symbol.asyncDispose]());

const DEEP = "[".repeat(200_000) + "]".repeat(200_000);

test.each([
  ["/v1/sqlite/execute", `{"statement":{"sql":"select 1","args":${DEEP}}}`],
  ["/v1/sqlite/batch", `{"statements":${DEEP}}`],
  ["/v3/sqlite/v3/pipeline", `{"baton":null,"requests":${DEEP}}`],
  ["/v1/email", `{"headers":${DEEP}}`],
  ["/v2/vals", `{"name":"deep","privacy":"public","files":${DEEP}}`],
  ["/v1/openai/chat/completions", `{"messages":${DEEP}}`],
])("%s does not read it", async (path, body) => {
  const headers = { "content-type": "application/json" };
  const answer = await hamlet.api(path, { method: "POST", body, headers });
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringMatching(/nested more|Malformed JSON/),
  ]);
  expect(hamlet.log).not.toContain('"level":"error"');
});
