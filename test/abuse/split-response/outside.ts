import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** No header of the val's own making appears, and what follows on the connection is the next answer. */
export const splitResponse: Outside = async ({ hamlet }, val) => {
  const { ways, splits } = (await (await hamlet.fetch(val, "/list")).json()) as {
    ways: string[];
    splits: number;
  };
  expect(ways.length * splits).toBeGreaterThan(50);
  const attempts = ways.flatMap((way) =>
    Array.from({ length: splits }, (_, split) => `/${way}?split=${split}`),
  );
  for (const path of attempts) {
    await using connection = await hamlet.connect();
    const ask = (target: string) => `GET ${target} HTTP/1.1\r\nHost: ${val.host}\r\n`;
    await connection.write(`${ask(path)}\r\n${ask("/")}Connection: close\r\n\r\n`);
    const first = await connection.readResponse();
    expect(first.header("x-injected")).toBeUndefined();
    expect(first.text).not.toMatch(/\r\n\r\n./);
    expect(first.bodyText).not.toContain("forged");
    if (first.header("connection") === "close") continue;
    const second = await connection.readResponse();
    expect(`${path}: ${second.bodyText}`).toBe(`${path}: plain`);
    expect(await connection.readToEnd()).toHaveLength(0);
  }
};
