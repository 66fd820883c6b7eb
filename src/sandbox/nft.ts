/** The network wall's rules: what may leave the town's network namespace, whoever in it asks. */

import { type Cidr, formatCidr, parseCidr } from "./cidr.ts";
import { type Allowed, type Egress, isLoopback, ownAddresses, refusedRanges } from "./egress.ts";

/** Ports of the host's loopback that the operator opened, to be carried into the namespace. */
export function loopbackPorts(egress: Egress): number[] {
  return egress.allow.flatMap(({ range, port }) => (isLoopback(range) && port ? [port] : []));
}

/** An nftables script. `resolver` is the one address that answers DNS inside. */
export function firewall(egress: Egress, resolver: string): string {
  const dns = `${family(parseCidr(resolver)!)} daddr ${resolver}`;
  return `table inet town {
  chain leaving {
    type filter hook output priority 0; policy accept;
    # The kernel's own refusals travel over lo; without them a refused connect would hang. Neighbours: IPv6 needs them.
    oifname "lo" meta l4proto { icmp, ipv6-icmp } accept
    oifname "lo" tcp flags & rst == rst accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
    ${dns} udp dport 53 accept
    ${dns} tcp dport 53 accept
    ${egress.deny.map((range) => refuse(to(range))).join("\n    ")}
    ${egress.allow.flatMap(accept).join("\n    ")}
    ${refuse('oifname "lo"')}
    ${ownAddresses()
      .map((range) => refuse(to(range)))
      .join("\n    ")}
    ${refuse(`ip daddr { ${list(4)} }`)}
    ${refuse(`ip6 daddr { ${list(6)} }`)}
  }
}
`;
}

/** Replies of a carried port come from it, hence the source port: cheaper than tracking every connection. */
function accept({ range, port }: Allowed): string[] {
  if (isLoopback(range))
    return [`oifname "lo" tcp dport ${port} accept`, `oifname "lo" tcp sport ${port} accept`];
  const there = `oifname != "lo" ${to(range)}`;
  return port
    ? [`${there} tcp dport ${port} accept`, `${there} udp dport ${port} accept`]
    : [`${there} accept`];
}

/** TCP by a reset: the kernel sends ICMP refusals at a limited rate, and a connect beyond it would wait a second. */
function refuse(match: string): string {
  return `${match} meta l4proto tcp reject with tcp reset\n    ${match} reject with icmpx type admin-prohibited`;
}

function to(range: Cidr): string {
  return `${family(range)} daddr ${formatCidr(range)}`;
}

function family({ version }: Cidr): string {
  return version === 4 ? "ip" : "ip6";
}

function list(version: 4 | 6): string {
  return refusedRanges()
    .filter((range) => range.version === version)
    .map(formatCidr)
    .join(", ");
}
