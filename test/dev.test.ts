import { expect, test } from "bun:test";
import { appendFileSync, cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { awaitGone, isAlive, processesBelow } from "./support/processes.ts";
import { addUser, makeTempFolder } from "./support/server.ts";

const ROOT = join(import.meta.dir, "..");

test("npm run dev starts the server again when a file changes, and leaves nothing of the one before", async () => {
  using copy = makeTempFolder();
  using folder = makeTempFolder();
  for (const name of ["bin", "src", "scripts", "package.json", "tsconfig.json"])
    cpSync(join(ROOT, name), join(copy.path, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy.path, "node_modules"));
  await addUser(folder.path, "me");
  const { scripts } = await Bun.file(join(copy.path, "package.json")).json();
  const command = [...scripts.dev.split(" "), "--json", "--port", "0", "--data", folder.path];
  const bin = join(ROOT, "node_modules/.bin");
  await using dev = Bun.spawn(command, {
    cwd: copy.path,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines = linesOf(dev.stdout);
  const ready = async () => JSON.parse((await lines.next()).value!);
  const answers = async (api: string) =>
    (await fetch(`${api.replace("localhost", "127.0.0.1")}/v1/me`)).status;

  const first = await ready();
  expect(await answers(first.api)).toBe(401);
  const before = processesBelow(dev.pid);
  expect(before.length).toBeGreaterThan(1);
  // The guest's, which the host does not import.
  appendFileSync(join(copy.path, "src/guest/main.ts"), "// changed\n");
  const second = await ready();
  expect(second.url).not.toBe(first.url);
  expect(await answers(second.api)).toBe(401);
  expect(await awaitGone(() => before.filter(isAlive))).toEqual([]);
  dev.kill("SIGTERM");
  expect(await dev.exited).toBe(0);
}, 60_000);

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
}
