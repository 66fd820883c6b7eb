// Plants links in the scratch folder that lead to files of the host, and reads through them.
import { linkSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { attack } from "./attempt.ts";

const scratch = Deno.makeTempDirSync();

function throughLink(name: string, target: string, rest = ""): string {
  Deno.symlinkSync(target, `${scratch}/${name}`);
  return Deno.readTextFileSync(`${scratch}/${name}${rest}`);
}

export default attack({
  "a link to the file": (town) => throughLink("file", town.files.text),
  "a link to its folder": (town) =>
    throughLink("folder", town.folder, `/${town.files.text.split("/").at(-1)}`),
  "a link to the root": (town) => throughLink("root", "/", town.files.text),
  "a relative link": (town) => throughLink("relative", `${"../".repeat(20)}${town.files.text.slice(1)}`),
  "a link to a link": (town) => {
    symlinkSync("/", `${scratch}/one`);
    symlinkSync(`${scratch}/one`, `${scratch}/two`);
    return readFileSync(`${scratch}/two${town.files.text}`, "utf8");
  },
  "a link that was harmless when it was made": (town) => {
    Deno.mkdirSync(`${scratch}/a/b/c/d/e/f/g/h`, { recursive: true });
    symlinkSync(`../../../../../../../../..${town.files.text}`, `${scratch}/a/b/c/d/e/f/g/h/link`);
    renameSync(`${scratch}/a/b/c/d/e/f/g/h/link`, `${scratch}/link`);
    return readFileSync(`${scratch}/link`, "utf8");
  },
  "a link under /proc/self": (town) => throughLink("proc", "/proc/self/root", town.files.text),
  "a hard link": (town) => {
    linkSync(town.files.text, `${scratch}/hard`);
    return readFileSync(`${scratch}/hard`, "utf8");
  },
  "a link, written through": (town) => {
    Deno.symlinkSync(`${town.folder}/through-link`, `${scratch}/write`);
    Deno.writeTextFileSync(`${scratch}/write`, "planted");
  },
  "a module behind a link": async (town) => {
    Deno.symlinkSync(town.files.module, `${scratch}/module.ts`);
    return await import(`file://${scratch}/module.ts`);
  },
});
