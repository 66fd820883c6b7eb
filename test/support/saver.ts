/** A process that saves without end and writes a line for each acknowledged save: `saver.ts FOLDER ROUND`. */

import { openStore } from "../../src/store/store.ts";

const WRITERS = 8;

const [folder = "", round = ""] = process.argv.slice(2);
const store = await openStore({ folder });
const user = (await store.users.findByName("ann")) ?? (await store.users.create({ username: "ann" }));
const val =
  (await store.vals.findByName("ann", "hello")) ??
  (await store.vals.create({ userId: user.id, name: "hello", privacy: "public" }));

async function save(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const path = `r${round}/w${writer}/f${i}.ts`;
    const made = await store.files.create({ valId: val.id }, { path, type: "script", content: path });
    const changed = await store.files.update({ valId: val.id }, path, { content: `${path} again` });
    // A write to a pipe that is not full is in the kernel's hands when it returns: the parent gets it, whatever comes.
    process.stdout.write(`${path} ${made.version} ${changed.version}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => save(writer)));
