/** The network of the town: `pasta` carries its traffic as an ordinary process of an ordinary user, nftables filters it. */

import { HamletError } from "../errors.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { Egress } from "./egress.ts";
import { firewall, loopbackPorts } from "./nft.ts";
import { runToEnd } from "./spawn.ts";
import type { TownOptions } from "./town.ts";
import { TOWN } from "./users.ts";

/** Load the rules into the namespace of `holder`; throws HamletError `config`. Before pasta: there is no moment without. */
export async function loadFirewall(options: TownOptions, egress: Egress, holder: number): Promise<void> {
  const command = [
    "nsenter",
    "-t",
    `${holder}`,
    ...(options.privileged ? [] : ["--user", "--preserve-credentials"]),
    "--net",
    "--",
    "nft",
    "-f",
    "-",
  ];
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  const input = firewall(egress, options.resolver);
  const { code, stderr } = await runToEnd(command, { env, input, timeoutMs: 10_000, maxOutputBytes: 65_536 });
  if (code !== 0) throw new HamletError("config", `nft does not take the firewall's rules: ${stderr.trim()}`);
}

/**
 * Where nothing like udev has opened it, only root may use /dev/net/tun, and pasta is not root: it gets one of its own, in
 * a mount namespace of its own, and the machine's stays as it is.
 */
const WITH_TUN = `case $(stat -c %a /dev/net/tun 2>/dev/null) in
  ''|*[67]) ;;
  *) mount -t tmpfs -o mode=755,nosuid,noexec,size=64k hamlet /dev/net && mknod -m 666 /dev/net/tun c 10 200 ;;
esac
exec "$@"`;
const OWN_MOUNTS = ["unshare", "--mount", "--propagation", "private", "--"];

/** Attach pasta to the namespaces of `holder`; it writes its process id to `up` there once the network stands. */
export function startPasta(options: TownOptions, egress: Egress, holder: number, tell: boolean): Daemon {
  const { privileged } = options;
  const user = privileged ? ["--reuid", `${TOWN}`, "--regid", `${TOWN}`, "--clear-groups"] : [];
  const ports = loopbackPorts(egress);
  return startDaemon("pasta", [
    ...(privileged ? [...OWN_MOUNTS, "/bin/sh", "-c", WITH_TUN, "sh"] : []),
    ...["setpriv", ...user, "--pdeathsig", "KILL", "--", "pasta", "--foreground", "--quiet"],
    ...["--config-net", "--no-map-gw", "--dns-forward", options.resolver],
    // Nothing is carried in, and out only what the operator opened on the host's loopback.
    ...["-t", "none", "-u", "none", "-U", "none", "-T", ports.length > 0 ? ports.join(",") : "none"],
    ...(tell ? ["--pid", `/proc/${holder}/root/tmp/up`] : []),
    ...["--userns", `/proc/${holder}/ns/user`, "--netns", `/proc/${holder}/ns/net`],
  ]);
}
