// Looks into the data folder, the run folder and other vals' folders.
import { DatabaseSync } from "node:sqlite";
import { anyOf, attack } from "./attempt.ts";

const own = Deno.env.get("TMPDIR")?.replace(/\/tmp$/, "/") ?? "/tmp";
const list = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);

export default attack({
  "the data folder": (town) => list(town.data),
  "the artifacts of all vals": (town) => list(`${town.data}/artifacts`),
  "the database": (town) =>
    anyOf(["hamlet.db", "telemetry.db"], (name) => Deno.readFile(`${town.data}/${name}`)),
  "the database, through SQLite": (town) =>
    anyOf(["hamlet.db", "telemetry.db"], (name) =>
      new DatabaseSync(`${town.data}/${name}`).prepare("SELECT * FROM sqlite_master").all(),
    ),
  "a new file in the data folder": (town) => Deno.writeTextFile(`${town.data}/planted`, "planted"),
  "the run folder": (town) => list(town.run),
  "every worker's own folders": (town) =>
    anyOf(
      town.folders
        .filter((path) => !path.startsWith(own))
        .flatMap((path) => [path, `/proc/${town.server}/root${path}`]),
      (path) => list(path).join() || "an empty one",
    ),
  "beside its own folders": async () => {
    const own = import.meta.dirname ?? "/val";
    return await anyOf(["..", "../..", "../../w1/val", "../../w2/tmp", "../../../artifacts"], (up) => {
      const names = list(`${own}/${up}`);
      // Inside namespaces the root is above it, and empty of anything of the host's.
      if (names.includes("proc") && !names.includes("home")) throw new Error("only its own root");
      return names;
    });
  },
  "beside its scratch folder": () => {
    const scratch = Deno.makeTempDirSync();
    const others = list(`${scratch}/..`).filter((name) => !scratch.endsWith(name));
    if (others.length === 0) throw new Error("nobody else's files are there");
    return others;
  },
});
