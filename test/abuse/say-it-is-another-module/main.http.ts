// Changes what it is told of itself, to be taken for another's module.

import { getValId, listFiles, readFile } from "https://esm.town/v/std/utils";
import process from "node:process";
import { anyOf, attack, need, type Town } from "./attempt.ts";

const theirs = ({ victim: { username, valName } }: Town) =>
  `https://esm.town/v/${username}/${valName}@3-main/main.ts`;

export default attack({
  "the variable": (town) => {
    Deno.env.set("VALTOWN_ENTRYPOINT", theirs(town));
    process.env.VALTOWN_ENTRYPOINT = theirs(town);
    return need(
      Deno.env.get("VALTOWN_ENTRYPOINT") === theirs(town) && process.env.VALTOWN_ENTRYPOINT,
      "it stays",
    );
  },
  "the name alone, for its files": async (town) => {
    const names = [
      theirs(town),
      theirs(town).replace("@3-main", ""),
      theirs(town).replace("https://esm.town", `http://esm.localhost:${town.hamlet}`),
    ];
    const gain = await anyOf(
      names,
      async (url) => (await readFile("secret.ts", url)) + JSON.stringify(await listFiles(url)),
    );
    return need(gain.includes("secret-") && gain, "nothing secret");
  },
  "the name alone, for its id": (town) => getValId(theirs(town)),
  "by a path that climbs": (town) =>
    anyOf(
      [
        `../../../${town.victim.username}/${town.victim.valName}/secret.ts`,
        "/../../victim/diary/secret.ts",
        "..%2f..%2fvictim%2fdiary%2fsecret.ts",
        "file:///etc/passwd",
        town.files.text,
      ],
      (path) => readFile(path),
    ),
  "import.meta, rewritten": async (town) => {
    Object.defineProperty(import.meta, "url", { value: theirs(town) });
    const text = await readFile("secret.ts", import.meta.url);
    return need(text.includes("secret-") && text, "nothing secret");
  },
});
