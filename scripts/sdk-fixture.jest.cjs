/**
 * For Jest's setupFilesAfterEnv: before each test of the SDK's own suite, `scripts/sdk-fixture.ts --port 4011` makes what
 * the test takes for granted.
 */

beforeEach(async () => {
  const url = process.env.SDK_FIXTURE_URL ?? "http://127.0.0.1:4011";
  const answer = await fetch(url, { method: "POST", body: expect.getState().currentTestName });
  if (!answer.ok) throw new Error(`The fixture could not be made: ${await answer.text()}`);
});
