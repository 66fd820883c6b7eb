// Connects to addresses of private, link-local, shared, multicast and reserved networks.
import { anyOf, attack, beyondDeno, ownProcess, type Town } from "./attempt.ts";

const ranges = "Deno knows no ranges of IPv6";

const open =
  (...hostnames: string[]) =>
  () =>
    anyOf(hostnames, async (hostname) => (await Deno.connect({ hostname, port: 80 })).close());

/** The first and last of its /24: a router is likely to be there. Of examples, see below. */
const neighbours = (town: Town) =>
  town.addresses
    .filter((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address))
    .filter((address) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))
    .flatMap((address) => [address.replace(/\d+$/, "1"), address.replace(/\d+$/, "254")]);

export default attack({
  "10.0.0.0/8": open("10.0.0.1", "10.255.255.254"),
  "172.16.0.0/12": open("172.16.0.1", "172.31.255.254"),
  "192.168.0.0/16": open("192.168.0.1", "192.168.255.254"),
  "100.64.0.0/10": open("100.64.0.1", "100.127.255.254"),
  "169.254.0.0/16": open("169.254.1.1"),
  "reserved for benchmarks and later": open("198.18.0.1", "240.0.0.1"),
  "reserved for examples": ownProcess(
    "Deno alone refuses them: builds may have their registry there, and the network wall cannot tell them from vals",
    open("192.0.2.1", "198.51.100.1", "203.0.113.1"),
  ),
  "multicast and broadcast": open("224.0.0.1", "239.255.255.250", "255.255.255.255"),
  "fc00::/7": beyondDeno(ranges, open("fd00::1", "fc00::1")),
  "fe80::/10": beyondDeno(ranges, open("fe80::1")),
  "reserved IPv6": beyondDeno(ranges, open("ff02::1", "100::1", "2002:a00:1::1", "64:ff9b::a00:1")),
  "the host's neighbours": (town) => open(...neighbours(town))(),
  "by fetch": () =>
    anyOf(
      ["http://10.0.0.1/", "http://192.168.1.1/", "http://[::ffff:10.0.0.1]/"],
      async (url) => (await fetch(url)).status,
    ),
});
