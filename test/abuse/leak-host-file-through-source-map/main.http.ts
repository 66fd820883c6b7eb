// Throws errors whose source map claims that a host's file is their source, for whoever prints them to quote it.
import { attack, need, type Town } from "./attempt.ts";

const scratch = Deno.makeTempDirSync();

async function throwMapped(town: Town, source: string): Promise<unknown> {
  const map = { version: 3, sources: [source], names: [], mappings: "AAAA" };
  const path = `${scratch}/mapped.js`;
  const inline = `//# sourceMappingURL=data:application/json;base64,${btoa(JSON.stringify(map))}`;
  Deno.writeTextFileSync(path, `throw new Error("look at my source line");\n${inline}`);
  return await import(`file://${path}?${town.nonce}${source.length}`).catch((error) => error);
}

export default attack({
  "in the error's own text": async (town) => {
    const error = await throwMapped(town, `file://${town.files.text}`);
    return need(Deno.inspect(error).includes("secret-") && Deno.inspect(error), "the source is not quoted");
  },
  // What the printer of uncaught errors writes, the author finds in the logs; the test looks there for the secret.
  "in the log": async (town) => {
    const error = await throwMapped(town, `file://${town.files.module}`);
    console.error(error);
    reportError(error);
    Promise.reject(error);
    throw new Error("see the log");
  },
  "by an external map": async (town) => {
    const path = `${scratch}/external.js`;
    Deno.writeTextFileSync(
      path,
      `throw new Error("mapped");\n//# sourceMappingURL=file://${town.files.json}`,
    );
    const error = await import(`file://${path}`).catch((thrown) => thrown);
    return need(Deno.inspect(error).includes("secret-") && Deno.inspect(error), "the map is not read");
  },
});
