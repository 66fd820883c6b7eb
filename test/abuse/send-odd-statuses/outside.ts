import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** A visitor sees a status that HTTP knows, and no connection is switched to a protocol that nobody asked for. */
export const sendOddStatuses: Outside = async ({ hamlet }, val) => {
  const statuses = (await (await hamlet.fetch(val, "/list")).json()) as number[];
  const queries = statuses.flatMap((status) =>
    ["", "&body", "&upgrade", "&body&upgrade"].map((more) => `/status?status=${status}${more}`),
  );
  for (const path of [...queries, "/error"]) {
    await using connection = await hamlet.connect();
    await connection.write(`GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\nConnection: close\r\n\r\n`);
    const answer = await connection.readResponse();
    expect(answer.status, path).not.toBe(101);
    expect(answer.status, path).toBeGreaterThanOrEqual(200);
    expect(answer.status, path).toBeLessThan(1000);
    expect(await connection.readToEnd(), path).toHaveLength(0);
    expect(await (await hamlet.fetch(val)).text(), path).toBe("plain");
  }
};
