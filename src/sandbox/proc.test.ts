import { describe, expect, test } from "bun:test";
import { childOf, startTime, usageOf } from "./proc.ts";

describe.if(process.platform === "linux")("what /proc says", () => {
  test("of this process: more than nothing, and the same start each time", () => {
    const usage = usageOf(process.pid)!;
    expect(usage.rssBytes).toBeGreaterThan(2 ** 20);
    expect(usage.tasks).toBeGreaterThan(0);
    while (usageOf(process.pid)!.cpuMs === usage.cpuMs);
    expect(startTime(process.pid)).toMatch(/^\d+$/);
    expect(startTime(process.pid)).toBe(startTime(process.pid)!);
  });

  test("a child is found, whatever it calls itself, and not after its end", async () => {
    const parent = Bun.spawn(["/bin/sh", "-c", "sleep 60 & wait"], { stdio: ["pipe", "ignore", "ignore"] });
    let child: number | undefined;
    while (child === undefined) child = childOf(parent.pid);
    expect(usageOf(child)?.tasks).toBe(1);
    process.kill(child, "SIGKILL");
    await parent.exited;
    expect(childOf(parent.pid)).toBeUndefined();
    expect(usageOf(4_194_304)).toBeUndefined();
  });
});
