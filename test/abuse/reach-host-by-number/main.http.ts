// Connects to the host's own addresses in every notation of a number.
import { anyOf, attack, beyondDeno, type Town } from "./attempt.ts";

async function open(hostname: string, port: number): Promise<string> {
  const connection = await Deno.connect({ hostname, port });
  await connection.write(new TextEncoder().encode("hello\r\n\r\n"));
  const bytes = new Uint8Array(100);
  const size = await connection.read(bytes);
  connection.close();
  return new TextDecoder().decode(bytes.subarray(0, size ?? 0));
}

const byFetch = (notations: readonly string[]) => (town: Town) =>
  anyOf(
    notations.flatMap((host) => [`${host}:${town.tcp}`, `${host}:${town.hamlet}`]),
    async (host) => (await fetch(`http://${host}/`)).status,
  );

const byConnect = (notations: readonly string[]) => (town: Town) =>
  anyOf(notations, (host) => anyOf([town.tcp, town.hamlet], (port) => open(host, port)));

export default attack({
  "127.0.0.1": byFetch(["127.0.0.1"]),
  "others of 127.0.0.0/8": byFetch(["127.0.0.2", "127.255.255.254", "127.1.2.3"]),
  "a decimal number": byFetch(["2130706433"]),
  hexadecimal: byFetch(["0x7f000001", "0x7f.0.0.1", "0x7f.1"]),
  octal: byFetch(["017700000001", "0177.0.0.1", "0177.1"]),
  "short forms": byFetch(["127.1", "127.0.1", "0"]),
  "full-width digits": byFetch(["１２７.０.０.１", "①②⑦.⓪.⓪.①"]),
  "0.0.0.0": byFetch(["0.0.0.0", "0.1.2.3"]),
  "::1": byFetch(["[::1]", "[0:0:0:0:0:0:0:1]"]),
  "::": byFetch(["[::]"]),
  mapped: byFetch(["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]"]),
  "compatible and translated": beyondDeno(
    "Deno knows no ranges of IPv6",
    byFetch(["[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]"]),
  ),
  "every address of the host": (town) =>
    byFetch(town.addresses.map((address) => (address.includes(":") ? `[${address}]` : address)))(town),
  "Deno.connect to loopback": byConnect([
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "::1",
    "::",
    "::ffff:127.0.0.1",
  ]),
  "Deno.connect to every address of the host": (town) => byConnect(town.addresses)(town),
  "Deno.connect without a host": (town) =>
    anyOf([town.tcp, town.hamlet], async (port) => (await Deno.connect({ port })).close()),
  "with a name and a password": (town) =>
    anyOf(
      [town.tcp, town.hamlet],
      async (port) => (await fetch(`http://example.com@127.0.0.1:${port}/`)).status,
    ),
  "the host's API, as the town's own": async (town) => {
    const answer = await fetch(`http://127.0.0.1:${town.hamlet}/api/v2/vals`, {
      headers: { host: "localhost" },
    });
    return answer.status;
  },
});
