// Names the host as the proxy for connections that are allowed.
import { Agent, request } from "node:http";
import { anyOf, attack, type Town } from "./attempt.ts";

async function through(proxy: object, town: Town): Promise<number> {
  using client = Deno.createHttpClient({ proxy } as Deno.CreateHttpClientOptions);
  return (await fetch(`http://${town.allowed}/`, { client })).status;
}

async function byVariable(name: string, town: Town): Promise<number> {
  for (const scheme of ["http", "socks5"]) Deno.env.set(name, `${scheme}://127.0.0.1:${town.tcp}`);
  Deno.env.set("NO_PROXY", "");
  // A client of its own: the shared one may have read the environment already.
  using client = Deno.createHttpClient({});
  await fetch("http://example.com/", { client, signal: AbortSignal.timeout(2000) });
  return (await fetch("http://example.com/", { signal: AbortSignal.timeout(2000) })).status;
}

/** An answer is only loot if it came from the canary, and then the canary knows. */
const seen = (status: number): never => {
  throw new Error(`answered ${status} without the proxy`);
};

export default attack({
  "an HTTP proxy": (town) => through({ url: `http://127.0.0.1:${town.tcp}` }, town),
  "an HTTP proxy by name": (town) => through({ url: `http://localhost:${town.tcp}` }, town),
  "an HTTPS proxy": (town) => through({ url: `https://127.0.0.1:${town.tcp}` }, town),
  "a SOCKS proxy": (town) =>
    anyOf(["socks5", "socks5h", "socks4"], (scheme) =>
      through({ url: `${scheme}://127.0.0.1:${town.tcp}` }, town),
    ),
  "a proxy on TCP": (town) => through({ transport: "tcp", hostname: "127.0.0.1", port: town.tcp }, town),
  "a proxy on a unix socket": (town) =>
    anyOf(town.sockets, (path) => through({ transport: "unix", path }, town)),
  "a proxy on a virtual socket": (town) =>
    anyOf([0, 1, 2], (cid) => through({ transport: "vsock", cid, port: town.tcp }, town)),
  "proxy variables": async (town) => {
    for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
      try {
        seen(await byVariable(name, town));
      } finally {
        Deno.env.delete(name);
      }
    }
  },
  "an agent of node's": (town) =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ proxyEnv: { HTTP_PROXY: `http://127.0.0.1:${town.tcp}` } } as object);
      const call = request(`http://${town.allowed}/`, { agent, host: "127.0.0.1", port: town.tcp }, resolve);
      call.on("error", reject).end();
    }),
});
