/** The process is killed while mails come in: what was acknowledged is there, whole, and nothing else is. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { MailPeer, startMailIn } from "./support/mail-in.ts";
import { makeTempFolder } from "./support/server.ts";
import { makeRandom } from "./support/store.ts";

const KILLS = 5;
const PEERS = 4;
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Sends mails one after the other until the server is gone; the tokens of those that were acknowledged. */
async function sendOn(port: number, name: string, acknowledged: string[], heard: () => void): Promise<void> {
  using peer = await MailPeer.connect(port);
  await peer.reply();
  for (let i = 0; ; i++) {
    const token = `${name}-${i}`;
    const reply = await peer.send(
      ["box-1@town.example"],
      `Subject: ${token}\r\n\r\n${"x".repeat(50_000)}\r\n${token}`,
    );
    if (!reply.startsWith("250")) return;
    acknowledged.push(token);
    heard();
  }
}

test(`${KILLS} kills lose no mail that was acknowledged, and leave no file that nobody needs (seed ${SEED})`, async () => {
  using folder = makeTempFolder();
  const random = makeRandom(SEED);
  const acknowledged: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const script = join(import.meta.dir, "support/mail-receiver.ts");
    const child = Bun.spawn([process.execPath, script, folder.path], { stdout: "pipe", stderr: "inherit" });
    const { value } = await child.stdout.getReader().read();
    const port = Number(new TextDecoder().decode(value));
    // Killed with a certain mail's acknowledgement, or some turns behind it.
    let left = 1 + random(20);
    const turns = random(30);
    const heard = async () => {
      if (--left !== 0) return;
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      child.kill("SIGKILL");
    };
    await Promise.all(
      Array.from({ length: PEERS }, (_, i) => sendOn(port, `${kill}-${i}`, acknowledged, heard)),
    );
    await child.exited;
  }
  await using town = await startMailIn({ folder: folder.path });
  const mails = town.rows.all();
  expect(town.spooled().sort()).toEqual(mails.map(({ id }) => `${id}.eml`));
  for (const { id, subject } of mails) {
    const text = await Bun.file(join(folder.path, "mails", `${id}.eml`)).text();
    expect(text).toEndWith(`x\r\n${subject}\r\n`);
  }
  const there = new Set(mails.map(({ subject }) => subject));
  expect(acknowledged.filter((token) => !there.has(token))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(KILLS);
});
