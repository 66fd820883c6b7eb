import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** The worker is stopped, its neighbour answers meanwhile, and the val's next request is served. */
export const exhaustThreads: Outside = async ({ hamlet, bait }, val) => {
  for (const bomb of ["workers", "processes", "forks"]) {
    const exploding = hamlet.fetch(val, `/${bomb}`);
    expect((await hamlet.fetch(bait.val, "/ping")).status).toBe(204);
    await (await exploding).text();
    expect((await hamlet.fetch(bait.val, "/ping")).status).toBe(204);
    await recovers(() => hamlet.fetch(val));
  }
};

/** A worker that is beyond its limits may take one more request with it. */
async function recovers(ask: () => Promise<Response>): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await ask();
    await answer.text();
    if (answer.status === 200) return;
    await Bun.sleep(100);
  }
  throw new Error("The val did not answer again.");
}
