// Reads files of the host by their paths, by every function that takes one.
import { constants, cpSync, createReadStream, openAsBlob, openSync, readFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { anyOf, attack, ownProcess } from "./attempt.ts";

const scratch = Deno.makeTempDirSync();
const up = "../".repeat(20);

export default attack({
  "Deno.readTextFile": (town) => Deno.readTextFile(town.files.text),
  "Deno.readFileSync": (town) => Deno.readFileSync(town.files.text),
  "Deno.open": async (town) => (await Deno.open(town.files.text)).close(),
  "Deno.openSync for writing": (town) => Deno.openSync(town.files.text, { append: true }).close(),
  "dots from here": (town) => Deno.readTextFile(up + town.files.text.slice(1)),
  "dots from the module": (town) =>
    Deno.readTextFile(new URL(up + town.files.text.slice(1), import.meta.url)),
  "dots out of the scratch folder": (town) => Deno.readTextFile(`${scratch}/${up}${town.files.text}`),
  "a percent-encoded file URL": (town) =>
    Deno.readTextFile(new URL(`file://${town.files.text.replace("canary", "%63anary")}`)),
  "Deno.copyFile": (town) => Deno.copyFile(town.files.text, `${scratch}/copy`),
  "Deno.stat": (town) => Deno.stat(town.files.text),
  "Deno.lstatSync": (town) => Deno.lstatSync(town.files.text),
  "Deno.realPath": (town) => Deno.realPath(town.files.text),
  "Deno.readDir": async (town) => (await Array.fromAsync(Deno.readDir(town.folder))).length,
  "Deno.watchFs": (town) => Deno.watchFs(town.folder).close(),
  "Deno.chdir": (town) => Deno.chdir(town.folder),
  "fs.readFileSync": (town) => readFileSync(town.files.text, "utf8"),
  "fs.promises.readFile": (town) => readFile(town.files.text, "utf8"),
  "fs.openSync": (town) => openSync(town.files.text, constants.O_RDONLY | constants.O_NOFOLLOW),
  "fs.promises.open": async (town) => (await open(town.files.text)).readFile("utf8"),
  "fs.createReadStream": async (town) => (await Array.fromAsync(createReadStream(town.files.text))).join(""),
  "fs.cpSync": (town) => cpSync(town.folder, `${scratch}/copied`, { recursive: true }),
  "fs.openAsBlob": async (town) => (await openAsBlob(town.files.text)).text(),
  "process.loadEnvFile": (town) => process.loadEnvFile(town.files.text),
  "fetch of a file URL": async (town) => (await fetch(`file://${town.files.text}`)).text(),
  "the host's own files": () =>
    anyOf(["/etc/shadow", "/etc/ssh/ssh_host_rsa_key", "/root/.bashrc", "/etc/debian_version"], (path) =>
      Deno.readTextFile(path),
    ),
  "the system's folders": ownProcess("its own small root holds no folder of the host", () =>
    anyOf(
      ["/", "/etc", "/home", "/root", "/var/log", "/proc"],
      async (path) => [...Deno.readDirSync(path)].length,
    ),
  ),
});
