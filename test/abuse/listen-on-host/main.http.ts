// Opens ports, for the outside or for other vals to connect to.
import { createSocket } from "node:dgram";
import { createServer as createHttp } from "node:http";
import { createServer } from "node:net";
import { attack, need, ownProcess, type Town } from "./attempt.ts";

// Deno's permissions refuse it. Without them a val may listen in the namespace, and nobody may be able to connect.
const reason = "nobody can connect to it, see the attempt to meet";

/** A refusal of node's is an uncaught error and no event. */
async function listening(server: { address(): unknown }): Promise<unknown> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return need(server.address(), "it does not listen");
}

async function meet(town: Town): Promise<string> {
  const listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.accept().then(
    (connection) => connection.close(),
    () => {},
  );
  const refusals: string[] = [];
  try {
    for (const hostname of ["127.0.0.1", "0.0.0.0", "localhost", ...town.addresses, ...ownAddresses()]) {
      try {
        (await Deno.connect({ hostname, port })).close();
        return `met on ${hostname}`;
      } catch (error) {
        refusals.push(`${hostname}: ${error}`);
      }
    }
  } finally {
    listener.close();
  }
  throw new Error(refusals.join("; "));
}

function ownAddresses(): string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address);
  } catch {
    return [];
  }
}

export default attack({
  "Deno.listen": ownProcess(reason, () => Deno.listen({ hostname: "0.0.0.0", port: 0 })),
  "Deno.listen on IPv6": ownProcess(reason, () => Deno.listen({ hostname: "::", port: 0 })),
  "Deno.serve": ownProcess(reason, () => {
    Deno.serve({ hostname: "0.0.0.0", port: 0, onListen() {} }, () => new Response("mine"));
  }),
  "node:net": ownProcess(reason, () => listening(createServer().listen(0, "0.0.0.0"))),
  "node:http": ownProcess(reason, () => listening(createHttp().listen(0))),
  "node:dgram": ownProcess(reason, () => listening(createSocket("udp4").bind(0, "0.0.0.0"))),
  "Hamlet's own port": ownProcess(reason, (town) => Deno.listen({ hostname: "0.0.0.0", port: town.hamlet })),
  "meet another val on it": meet,
});
