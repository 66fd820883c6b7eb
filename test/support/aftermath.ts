/** What is expected after a val has misbehaved. */

import { expect } from "bun:test";
import type { TestHamlet, TestVal } from "./server.ts";

/** A val's name made of a title or a path. */
export function toName(text: string): string {
  return text
    .replaceAll(/[^a-z]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
}

/** A visitor learns neither of the stack, nor of the files, nor of the reason. */
export function expectNoInsides(text: string): void {
  expect(text).not.toMatch(/\bat \S+:\d|file:|\.ts\b|on purpose|Error:/);
}

/** Soon `/` is answered with `fine` again; the worker that was in the middle of it may still be on its way out. */
export async function answersAgain(server: TestHamlet, val: TestVal): Promise<void> {
  for (const deadline = performance.now() + 15_000; ; await Bun.sleep(50)) {
    const answer = await server.fetch(val);
    const text = await answer.text();
    if (answer.status === 200 && text === "fine") return;
    if (performance.now() > deadline) throw new Error(`The val still answers ${answer.status}: ${text}`);
  }
}
