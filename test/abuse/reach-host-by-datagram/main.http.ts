// Sends datagrams to the host, where an echo would answer.
import { createSocket } from "node:dgram";
import { anyOf, attack, type Town } from "./attempt.ts";

const WAIT_MS = 1000;
const targets = (town: Town) => ["127.0.0.1", ...town.addresses.filter((address) => !address.includes(":"))];

function exchange(town: Town, type: "udp4" | "udp6", address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(type);
    const timer = setTimeout(() => finish(() => reject(new Error("no answer"))), WAIT_MS);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    socket.on("message", (message) => finish(() => resolve(`${message}`)));
    socket.on("error", (error) => finish(() => reject(error)));
    socket.send(
      `hello from ${town.nonce}`,
      town.udp,
      address,
      (error) => error && finish(() => reject(error)),
    );
  });
}

interface Datagrams {
  send(bytes: Uint8Array, to: Deno.NetAddr): Promise<number>;
  receive(): Promise<[Uint8Array, unknown]>;
}

export default attack({
  "node:dgram": (town) => anyOf(targets(town), (address) => exchange(town, "udp4", address)),
  "node:dgram over IPv6": (town) =>
    anyOf(["::1", "::ffff:127.0.0.1"], (address) => exchange(town, "udp6", address)),
  "Deno.listenDatagram": async (town) => {
    const { listenDatagram } = Deno as unknown as { listenDatagram(options: object): Datagrams };
    const socket = listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
    for (const hostname of targets(town)) {
      await socket.send(new Uint8Array(1), { transport: "udp", hostname, port: town.udp });
    }
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("no answer")), WAIT_MS));
    return await Promise.race([socket.receive(), late]);
  },
  broadcast: (town) =>
    new Promise((resolve, reject) => {
      const socket = createSocket("udp4");
      socket.on("message", resolve);
      socket.on("error", reject);
      setTimeout(() => reject(new Error("no answer")), WAIT_MS);
      socket.bind(0, () => {
        socket.setBroadcast(true);
        socket.send("hello", town.udp, "255.255.255.255", (error) => error && reject(error));
      });
    }),
  QUIC: async (town) => {
    const { connectQuic } = Deno as unknown as { connectQuic(options: object): Promise<unknown> };
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("no answer")), WAIT_MS));
    return await Promise.race([
      connectQuic({ hostname: "127.0.0.1", port: town.udp, alpnProtocols: ["h3"] }),
      late,
    ]);
  },
});
