import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

const ROUNDS = 20;

/** Each of many visitors gets the answer to its own request, whatever the val sent to another one. */
export const bleedIntoNextAnswer: Outside = async ({ hamlet }, val) => {
  let visitor = 0;
  const own = async () => {
    const me = ++visitor;
    const answer = await hamlet.request(val.host, `/?visitor=${me}`);
    expect(answer.bodyText).toBe(`for ${me}`);
    expect(answer.header("x-forged")).toBeUndefined();
  };
  const echo = async () => {
    const body = `own ${++visitor}`;
    const answer = await hamlet.request(val.host, "/echo", {
      method: "POST",
      headers: [`Content-Length: ${body.length}`],
      body,
    });
    expect(answer.bodyText).toBe(body);
  };
  const bait = async (path: string, method = "GET") => {
    const answer = await hamlet.request(val.host, path, { method }).catch(() => undefined);
    expect(answer?.header("x-forged")).toBeUndefined();
  };
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all([
      ...["/short", "/chunks", "/empty", "/raw"].map((path) => bait(path)),
      bait("/head", "HEAD"),
      own(),
      echo(),
    ]);
    await own();
    await echo();
  }
};
