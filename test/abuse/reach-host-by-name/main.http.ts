// Connects to the host by names that lead to it.
import { lookup } from "node:dns/promises";
import { anyOf, attack, type Town } from "./attempt.ts";

/** By these names a val reaches its own town, as any visitor does, and by a way of their own: see short-way.test.ts. */
const isTheTowns = (name: string) => /^((api|[\w-]+\.web)\.)?localhost$/i.test(decodeURIComponent(name));

const byFetch =
  (...names: string[]) =>
  (town: Town) =>
    anyOf(
      names.flatMap((name) =>
        [town.tcp, ...(isTheTowns(name) ? [] : [town.hamlet])].map((port) => `${name}:${port}`),
      ),
      async (host) => (await fetch(`http://${host}/`)).status,
    );

export default attack({
  localhost: byFetch("localhost", "LOCALHOST", "localhost.", "l%6fcalhost"),
  "names below localhost": byFetch("x.localhost", "api.localhost", "tester-bait.web.localhost"),
  "IPv6 names": byFetch("ip6-localhost", "ip6-loopback", "localhost6"),
  "what containers call the host": byFetch(
    "host.docker.internal",
    "host.containers.internal",
    "gateway.docker.internal",
  ),
  "the host's own name": (town) => byFetch(Deno.hostname())(town),
  "names in /etc/hosts": (town) => byFetch("vm", "runsc", "val")(town),
  "Deno.connect": (town) =>
    anyOf([town.tcp, town.hamlet], async (port) =>
      (await Deno.connect({ hostname: "localhost", port })).close(),
    ),
  "the address that the name has": async (town) => {
    const { address } = await lookup("localhost", 4);
    return await anyOf([town.tcp, town.hamlet], async (port) =>
      (await Deno.connect({ hostname: address, port })).close(),
    );
  },
});
