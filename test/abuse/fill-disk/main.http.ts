// Writes to every place it can, until none takes any more.
import { attack, beyondDeno } from "./attempt.ts";

const CHUNK = new Uint8Array(8 * 2 ** 20).fill(1);
// Far above what one val may keep, far below what would hurt this machine.
const ENOUGH = 768 * 2 ** 20;

function fill(folder: string): string {
  let written = 0;
  try {
    for (let file = 0; written < ENOUGH; file++) {
      using handle = Deno.openSync(`${folder}/fill-${file}`, { write: true, create: true });
      for (let part = 0; part < 16 && written < ENOUGH; part++) written += handle.writeSync(CHUNK);
    }
  } catch (error) {
    throw new Error(`after ${written / 2 ** 20} MB: ${error}`);
  } finally {
    for (let file = 0; file < 200; file++) {
      try {
        Deno.removeSync(`${folder}/fill-${file}`);
      } catch {}
    }
  }
  return `${written / 2 ** 20} MB`;
}

export default attack({
  "the scratch folder": beyondDeno("only a mount of its own has a limited size", () =>
    fill(Deno.makeTempDirSync()),
  ),
  "shared memory": () => fill("/dev/shm"),
  devices: () => fill("/dev"),
  "the socket's folder": () => fill("/sock"),
  "the cache": () => fill("/cache"),
  "its own files": () => fill("/val"),
  "the root": () => fill("/"),
  "temporary folders of the system": () => fill("/var/tmp"),
  "the canary's folder": (town) => fill(town.folder),
});
