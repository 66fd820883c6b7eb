import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Outside } from "../stage.ts";

const up = "../".repeat(12);

/** No name leads out of the val: each is refused, and nothing appears on the host. */
export const escapeByFileNames: Outside = async ({ hamlet, canaries }, val) => {
  const target = join(canaries.folder, "by-name");
  const names = [
    `${up}${target.slice(1)}`,
    target,
    "../by-name",
    "..",
    ".",
    "",
    "/",
    "a/../../by-name",
    "a/./../../by-name",
    "a//by-name",
    "a/..",
    "..\\by-name",
    "C:\\by-name",
    "by-name\0.ts",
    "by-name\n.ts",
    "%2e%2e/by-name",
    "..%2fby-name",
    "\u2025/by-name",
    "．．/by-name",
    "a/\u0000/b",
    " by-name",
    "x".repeat(5000),
    `${"d/".repeat(500)}by-name`,
    "\ud800by-name",
  ];
  for (const name of names) {
    const query = new URLSearchParams({ path: name });
    for (const method of ["POST", "PUT"]) {
      const answer = await hamlet.api(`/v2/vals/${val.id}/files?${query}`, {
        method,
        json: { type: "script", content: "planted" },
      });
      const text = await answer.text();
      expect(`${JSON.stringify(name)} by ${method}: ${answer.status}`).toMatch(/: (400|404|409)$/);
      expect(text).not.toContain(hamlet.data);
    }
    const read = await hamlet.api(`/v2/vals/${val.id}/files/content?${query}`, { method: "GET" });
    expect(`${JSON.stringify(name)}: ${read.status}`).toMatch(/: (400|404)$/);
  }
  for (const path of [`${up}etc/passwd`, "..%2f..%2f..%2fetc%2fpasswd", "%00", "....//....//etc/passwd"]) {
    const answer = await hamlet.fetch(val, `/${path}`);
    expect(await answer.text()).toBe("saved");
  }
  for (const name of ["..", ".", "a/b", "../x", "a\0b", "", "-", "%2e%2e"]) {
    const answer = await hamlet.api("/v2/vals", { json: { name, privacy: "public" } });
    expect(`${JSON.stringify(name)}: ${answer.status}`).toMatch(/: 400$/);
  }
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(join(hamlet.data, "..")).filter((name) => name.includes("by-name"))).toEqual([]);
};
