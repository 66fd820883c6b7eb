import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addUser, startHamlet } from "./support/server.ts";

const ROOT = join(import.meta.dir, "..");

/** The shell blocks of a section of the README. */
function readBlocks(section: string): string[] {
  const text =
    readFileSync(join(ROOT, "README.md"), "utf8").split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!);
}

test("the first five minutes work as they are written", async () => {
  await using hamlet = await startHamlet({ examples: true });
  const { token } = await addUser(hamlet.data, "me");
  let shell = "";
  const run = async (block: string) => {
    const script = `${shell}\n${block}`
      .replaceAll("localhost:3000", `localhost:${hamlet.port}`)
      .replaceAll("npx hamlet", join(ROOT, "bin/hamlet"))
      .replaceAll("curl ", "curl --silent --show-error --max-time 30 ");
    const child = Bun.spawn(["sh", "-c", script], {
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, HAMLET_DATA: hamlet.data },
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return { out, err, code: await child.exited };
  };

  const [setToken, create, call, change, watch, upload, ...more] = readBlocks("The first five minutes");
  expect(more).toEqual([]);
  shell = setToken!.replace("vtwn_…", token);

  const created = await run(create!);
  const { id, name } = JSON.parse(created.out);
  expect(name).toBe("greet");
  const called = await run(call!);
  expect(new Date(JSON.parse(called.out).now).getTime()).toBeGreaterThan(Date.now() - 60_000);
  const changed = await run(change!.replace("ID=…", `ID=${id}`));
  expect(changed.out).toContain("Good evening\n");
  expect(changed.out).toMatch(/Z info {2}GET\n$/);
  const watched = await run(watch!.replace(/(curl -N .*)/, "$1 | head -c 64"));
  expect(watched.out).toMatch(/^\p{Emoji_Presentation}{16}$/u);
  expect((await run(upload!)).out.trim()).toBe(String(64 * 2 ** 20));
}, 120_000);
