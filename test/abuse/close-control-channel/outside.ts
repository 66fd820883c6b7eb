import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** It hurts nobody but the val's own worker, and the val's next request is answered. */
export const closeControlChannel: Outside = async ({ hamlet }, val) => {
  for (const what of ["stdin", "stdout", "stderr", "descriptors", "node", "cancel"]) {
    const answer = await hamlet.fetch(val, `/${what}`);
    expect([200, 502]).toContain(answer.status);
    await answer.text();
    const next = await answerWithin(() => hamlet.fetch(val));
    expect(await next.text()).toBe("closed");
  }
};

/** The worker may be ending just now: then it is another one that answers, soon. */
async function answerWithin(ask: () => Promise<Response>): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (answer.status === 200 || attempt === 20) return answer;
    await answer.text();
    await Bun.sleep(100);
  }
}
