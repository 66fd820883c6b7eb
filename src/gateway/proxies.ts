import { isIP } from "node:net";

/**
 * The visitor's own address, from the list that the proxies on the way have made: each adds at the end whom it was asked
 * by, so that it is the last one that is not a trusted proxy's. What stands before that, the visitor may have invented.
 * @param hops addresses separated by commas, the one that is connected to us last
 */
export function clientAddress(hops: string, isTrusted: (address: string) => boolean): string {
  let nearest = "";
  for (const hop of hops.split(",").reverse()) {
    const address = bareAddress(hop.trim());
    // Not readable: whoever passed it on is the last that is known.
    if (address === "") return nearest;
    nearest = address;
    if (!isTrusted(address)) return address;
  }
  return nearest;
}

/** Without the port and brackets that some proxies write; `""` when it is no address. */
function bareAddress(text: string): string {
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d+)?$|^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return isIP(address) === 0 ? "" : address;
}
