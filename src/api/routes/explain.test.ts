import { expect, test } from "bun:test";
import { z } from "@hono/zod-openapi";
import { explain } from "./explain.ts";

const SCHEMA = z.object({
  name: z.string().min(2).max(4),
  limit: z.number().min(1).max(100).optional(),
  list: z.array(z.string()).max(1).optional(),
  kind: z.enum(["a", "b"]).optional(),
  key: z.string().regex(/^k/, "must begin with a k").optional(),
});

test.each([
  [{}, "body must have required property 'name'"],
  [{ name: 1 }, "body/name must be string"],
  [{ name: "a" }, "body/name must NOT have fewer than 2 characters"],
  [{ name: "abcde" }, "body/name must NOT have more than 4 characters"],
  [{ name: "abc", limit: 0 }, "body/limit must be >= 1"],
  [{ name: "abc", limit: 101, kind: "c" }, "body/limit must be <= 100, body/kind must be one of a, b"],
  [{ name: "abc", list: ["x", "y"] }, "body/list must NOT have more than 1 items"],
  [{ name: "abc", list: [1] }, "body/list/0 must be string"],
  [{ name: "abc", key: "x" }, "body/key must begin with a k"],
  [null, "body must be object"],
])("%j: %s", (value, words) => {
  const issues = SCHEMA.safeParse(value).error!.issues;
  expect(explain("json", issues)).toBe(words);
});
