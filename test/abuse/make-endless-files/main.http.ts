// Makes more files than the machine has names for, and files larger than its disk.
import { attack } from "./attempt.ts";

const scratch = Deno.makeTempDirSync();
const MANY = 300_000;

function many(folder: string): string {
  let made = 0;
  try {
    for (; made < MANY; made++) Deno.openSync(`${folder}/n${made}`, { write: true, create: true }).close();
  } catch (error) {
    throw new Error(`after ${made}: ${error}`);
  }
  return `${made} files`;
}

export default attack({
  "the socket's folder": () => many("/sock"),
  "a file of a terabyte": () => {
    Deno.writeTextFileSync(`${scratch}/sparse`, "");
    Deno.truncateSync(`${scratch}/sparse`, 2 ** 40);
    return Deno.statSync(`${scratch}/sparse`).size;
  },
  "a folder within a folder, ten thousand deep": () => {
    Deno.chdir(scratch);
    let depth = 0;
    for (; depth < 10_000; depth++) {
      Deno.mkdirSync("d");
      Deno.chdir("d");
    }
    throw new Error(`${depth} deep in its own scratch; the test sees that it is gone with the worker`);
  },
});
