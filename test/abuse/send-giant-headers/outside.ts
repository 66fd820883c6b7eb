import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** Small enough ones pass, the others are an error of ours; the val and its neighbour go on. */
export const sendGiantHeaders: Outside = async ({ hamlet, bait }, val) => {
  const paths = (await (await hamlet.fetch(val, "/list")).json()) as string[];
  for (const path of paths) {
    const answer = await hamlet.request(val.host, path);
    const isSmall = path === "/long-name";
    expect(`${path}: ${answer.status}`).toBe(`${path}: ${isSmall ? 200 : 502}`);
    expect([isSmall ? undefined : "bad_response", "val_died"]).toContain(answer.header("x-hamlet-error"));
    expect(await (await hamlet.fetch(val)).text()).toBe("body");
    expect((await hamlet.fetch(bait.val, "/ping")).status).toBe(204);
  }
};
