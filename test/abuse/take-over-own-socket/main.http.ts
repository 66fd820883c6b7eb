// Uses the socket on which the gateway reaches this very worker.
import { attack, ownProcess, type Town } from "./attempt.ts";

const reason = "what it reaches is its own server";
const paths = (town: Town) => ["/sock/s", ...town.sockets.filter((path) => path.endsWith("/sock/s"))];

async function each(town: Town, attempt: (path: string) => unknown): Promise<string> {
  const refusals: string[] = [];
  for (const path of paths(town)) {
    try {
      await attempt(path);
      return path;
    } catch (error) {
      refusals.push(`${error}`);
    }
  }
  throw new Error(refusals.join());
}

export default attack({
  "connect to it": ownProcess(reason, (town) =>
    each(town, async (path) => (await Deno.connect({ transport: "unix", path })).close()),
  ),
  "remove it": ownProcess(reason, (town) => each(town, (path) => Deno.remove(path))),
  "put another one beside it": ownProcess(reason, (town) =>
    each(town, (path) => Deno.listen({ transport: "unix", path: `${path}2` }).close()),
  ),
  "replace it by a link to another val's": (town) =>
    each(town, (path) => {
      const other = town.sockets.find((socket) => socket !== path) ?? "/sock/other";
      Deno.symlinkSync(other, `${path}3`);
      Deno.renameSync(`${path}3`, path);
      if (town.walls === "namespaces") throw new Error("replaced within its own folder; the test asks again");
    }),
});
