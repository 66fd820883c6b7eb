/** The tests of one run of the abuse suite. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isAlive, processesBelow } from "../support/processes.ts";
import type { Town } from "./attempt.ts";
import { findAttacks, Stage, type Verdict } from "./stage.ts";

/** Declares a test for each fixture and for what is seen from the host. */
export function declareSuite(walls: Town["walls"]): void {
  const attacks = findAttacks();
  if (walls !== "deno" && process.platform !== "linux") {
    test.skip("the abuse suite behind namespaces, which need Linux", () => {});
    return;
  }
  const stage = new Stage(walls);
  let verdicts = new Map<string, Verdict>();

  beforeAll(async () => {
    await stage.start();
    verdicts = await stage.performAll(attacks);
  }, 180_000);

  afterAll(() => stage[Symbol.asyncDispose](), 60_000);

  describe("no val can", () => {
    for (const name of attacks) {
      test(name.replaceAll("-", " "), () => {
        const { outcomes, error } = verdicts.get(name)!;
        if (error) throw error;
        expect(outcomes.filter(({ result }) => result === "succeeded" || result === "silent")).toEqual([]);
      });
    }
  });

  test("there are at least forty attacks, and each attempt of theirs was made or is listed here", () => {
    expect(attacks.length).toBeGreaterThanOrEqual(40);
    const all = [...verdicts].flatMap(([name, { outcomes }]) =>
      outcomes.map((outcome) => ({ attack: name, ...outcome })),
    );
    const skipped = all.filter(({ result }) => result === "skipped");
    for (const { attack, name, how } of skipped) console.log(`skipped: ${attack}: ${name} (${how})`);
    console.log(
      `${attacks.length} attacks, ${all.length - skipped.length} attempts made, ${skipped.length} skipped`,
    );
    if (walls === "all") expect(skipped).toEqual([]);
  });

  test("seen from the host, nothing was reached, changed or ended", async () => {
    expect(await stage.breaches()).toEqual([]);
  });

  test("the server ends within its grace, and every process of its vals with it", async () => {
    const processes = process.platform === "linux" ? processesBelow(stage.hamlet.pid) : [];
    expect(await stage.hamlet.stop()).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  }, 30_000);

  test("no secret of the host is in a log, a package or anything else that Hamlet keeps", () => {
    expect(stage.leaks()).toEqual([]);
  });
}
