// Sends name queries to a server of its choice.
import { Resolver } from "node:dns/promises";
import { anyOf, attack } from "./attempt.ts";

const names = ["127.0.0.1", "localhost", "::1"];

export default attack({
  "Deno.resolveDns": (town) =>
    anyOf(["127.0.0.1", "::1", "0.0.0.0"], (ipAddr) =>
      Deno.resolveDns("canary.example", "A", { nameServer: { ipAddr, port: town.udp } }),
    ),
  "Deno.resolveDns at the default port of the host": (town) =>
    anyOf(town.addresses, (ipAddr) =>
      Deno.resolveDns("canary.example", "A", {
        nameServer: { ipAddr, port: 53 },
        signal: AbortSignal.timeout(3000),
      }),
    ),
  "a resolver of node's": (town) =>
    anyOf(
      names.filter((name) => name !== "localhost"),
      async (address) => {
        const resolver = new Resolver({ timeout: 500, tries: 1 });
        resolver.setServers([address.includes(":") ? `[${address}]:${town.udp}` : `${address}:${town.udp}`]);
        return await resolver.resolve4("canary.example");
      },
    ),
});
