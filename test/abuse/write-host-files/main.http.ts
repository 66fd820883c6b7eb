// Writes to, and makes, files on the host.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeHeapSnapshot } from "node:v8";
import { anyOf, attack, ownProcess } from "./attempt.ts";

export default attack({
  "Deno.writeTextFile": (town) => Deno.writeTextFile(`${town.folder}/planted`, "planted"),
  "over the canary": (town) => Deno.writeTextFile(town.files.text, "planted"),
  "Deno.create": (town) => Deno.createSync(`${town.folder}/created`).close(),
  "Deno.mkdir": (town) => Deno.mkdir(`${town.folder}/made`),
  "Deno.makeTempFile": (town) => Deno.makeTempFile({ dir: town.folder }),
  "Deno.rename": (town) => Deno.rename(town.files.text, `${town.folder}/renamed`),
  "Deno.remove": (town) => Deno.remove(town.files.text),
  "Deno.truncate": (town) => Deno.truncate(town.files.text, 0),
  "Deno.chmod": (town) => Deno.chmod(town.files.text, 0o777),
  "Deno.chown": (town) => Deno.chown(town.files.text, 0, 0),
  "Deno.utime": (town) => Deno.utime(town.files.text, 0, 0),
  "Deno.symlink": (town) => Deno.symlink("/etc/passwd", `${town.folder}/linked`),
  "fs.writeFileSync": (town) => writeFileSync(`${town.folder}/planted-by-node`, "planted"),
  "fs.appendFileSync": (town) => appendFileSync(town.files.text, "planted"),
  "fs.mkdtempSync": (town) => mkdtempSync(`${town.folder}/temp-`),
  "fs.rmSync": (town) => rmSync(town.folder, { recursive: true }),
  "a heap snapshot": (town) => {
    writeHeapSnapshot(`${town.folder}/heap`);
    Deno.statSync(`${town.folder}/heap`);
  },
  "a listening unix socket": (town) =>
    Deno.listen({ transport: "unix", path: `${town.folder}/socket` }).close(),
  "places where the host would run it": () =>
    anyOf(
      ["/etc/cron.d/planted", "/root/.bashrc", "/root/.ssh/authorized_keys", "/usr/local/bin/planted"],
      (path) => Deno.writeTextFile(path, "planted", { append: true }),
    ),
  "the root folder": ownProcess("its root is its own, and gone with it", () =>
    Deno.writeTextFile("/planted", "planted"),
  ),
});
