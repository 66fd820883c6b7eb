import { expect } from "bun:test";
import type { RawResponse } from "../../support/raw.ts";
import type { TestVal } from "../../support/server.ts";
import type { Outside, Stage } from "../stage.ts";

const OURS = ["x-hamlet-trace", "x-hamlet-version", "x-hamlet-error"];

/** What the visitor gets is framed as HTTP/1.1 has it, and the next answer on the connection is the next answer. */
export const smuggleResponseHeaders: Outside = async (stage, val) => {
  const paths = (await (await stage.hamlet.fetch(val, "/list")).json()) as string[];
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) await askTwice(stage, val, path);
};

async function askTwice({ hamlet }: Stage, val: TestVal, path: string): Promise<void> {
  await using connection = await hamlet.connect();
  await connection.write(`GET ${path} HTTP/1.1\r\nHost: ${val.host}\r\n\r\n`);
  const first = await connection.readResponse().catch((error) => error as Error);
  if (first instanceof Error) {
    // Less than was announced, and then the end: as clean as such an answer can be.
    expect(first.message).toContain("ended before");
    return;
  }
  checkFields(path, first);
  if (first.header("connection")?.toLowerCase() === "close") {
    expect(await connection.readToEnd()).toHaveLength(0);
    return;
  }
  await connection.write(`GET /next HTTP/1.1\r\nHost: ${val.host}\r\nConnection: close\r\n\r\n`);
  const second = await connection.readResponse();
  expect(`${path}: ${second.bodyText}`).toBe(`${path}: plain`);
  expect(second.header("x-plain")).toBe("1");
  expect(await connection.readToEnd()).toHaveLength(0);
}

function checkFields(path: string, answer: RawResponse): void {
  const names = answer.headers.map(([name]) => name.toLowerCase());
  const count = (name: string) => names.filter((each) => each === name).length;
  expect(count("content-length") + count("transfer-encoding")).toBeLessThanOrEqual(1);
  expect(answer.header("transfer-encoding") ?? "chunked").toBe("chunked");
  for (const name of ["upgrade", "keep-alive", "proxy-connection", "trailer"])
    expect(names).not.toContain(name);
  expect((answer.header("connection") ?? "close").toLowerCase()).toBe("close");
  for (const name of names.filter((each) => each.startsWith("x-hamlet-"))) {
    expect(OURS).toContain(name);
    expect(count(name)).toBe(1);
  }
  expect(answer.header("x-hamlet-trace")).not.toBe("f".repeat(32));
  expect(answer.header("x-hamlet-version")).not.toBe("999");
  // A val that claims to be an error of ours is taken at its word about having failed, and not about anything else.
  expect([undefined, "val_threw"]).toContain(answer.header("x-hamlet-error"));
  if (path === "/date") expect(count("date")).toBe(1);
}
