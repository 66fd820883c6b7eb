// Changes its own files, which are those of every worker and every val with the same content.
import { anyOf, attack, type Town } from "./attempt.ts";

const own = (town: Town) => [
  import.meta.filename ?? "/val/main.http.ts",
  "/val/main.http.ts",
  `${town.data}/artifacts`,
];

export default attack({
  overwrite: (town) =>
    anyOf(own(town), (path) => Deno.writeTextFile(path, "export default () => new Response('changed')")),
  append: (town) => anyOf(own(town), (path) => Deno.writeTextFile(path, "// changed", { append: true })),
  truncate: (town) => anyOf(own(town), (path) => Deno.truncate(path, 0)),
  remove: (town) => anyOf(own(town), (path) => Deno.remove(path)),
  "make writable": (town) => anyOf(own(town), (path) => Deno.chmod(path, 0o666)),
  rename: (town) => anyOf(own(town), (path) => Deno.rename(path, `${path}.old`)),
  "a new file": (town) =>
    anyOf(["/val/new.ts", `${import.meta.dirname}/new.ts`, `${town.data}/new`], (path) =>
      Deno.writeTextFile(path, "new"),
    ),
  "a hard link that can be written": (town) =>
    anyOf(own(town), async (path) => {
      const link = `${Deno.makeTempDirSync()}/link`;
      await Deno.link(path, link);
      await Deno.writeTextFile(link, "changed");
    }),
  "the guest": () =>
    anyOf(
      ["/hamlet/guest/main.ts", "/hamlet/guest/serve.ts", "/hamlet/wire/control.ts", "/deno/deno"],
      (path) => Deno.writeTextFile(path, "changed"),
    ),
});
