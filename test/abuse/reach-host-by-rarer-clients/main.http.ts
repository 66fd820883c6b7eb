// Connects to the host through the rarer clients of its runtime.
import { anyOf, attack, type Town } from "./attempt.ts";

type Open = (url: string) => Promise<unknown>;

const late = (ms: number) =>
  new Promise<never>((_, reject) => setTimeout(() => reject(new Error("nothing came of it")), ms));

export default attack({
  "a remote key-value store": async (town) => {
    const { openKv } = Deno as unknown as { openKv: Open };
    Deno.env.set("DENO_KV_ACCESS_TOKEN", "token");
    return await Promise.race([openKv(`http://127.0.0.1:${town.tcp}`), late(3000)]);
  },
  WebTransport: async (town) => {
    const { WebTransport } = globalThis as unknown as {
      WebTransport: new (url: string) => { ready: Promise<unknown> };
    };
    return await Promise.race([new WebTransport(`https://127.0.0.1:${town.udp}/`).ready, late(3000)]);
  },
  telemetry: async (town) => {
    for (const [name, value] of Object.entries({
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${town.tcp}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    })) {
      Deno.env.set(name, value);
    }
    console.log("to be exported");
    throw new Error("the canary would know");
  },
  "a virtual socket": (town) =>
    anyOf([1, 2], async (cid) => {
      const options = { transport: "vsock", cid, port: town.tcp } as unknown as Deno.ConnectOptions;
      (await Deno.connect(options)).close();
    }),
  "a tunnel": async (town) => {
    const { connect } = Deno as unknown as { connect(options: object): Promise<unknown> };
    return await connect({ transport: "tunnel", hostname: "127.0.0.1", port: town.tcp });
  },
  "an upgrade of a connection": (town: Town) =>
    Deno.startTls(undefined as unknown as Deno.TcpConn, { hostname: `127.0.0.1:${town.tcp}` }),
  "fetch with a certificate": async (town) => {
    using client = Deno.createHttpClient({ caCerts: [], http2: true, http1: false });
    return (await fetch(`https://127.0.0.1:${town.tcp}/`, { client })).status;
  },
  "fetch from a local address": async (town) => {
    using client = Deno.createHttpClient({ localAddress: "127.0.0.1" });
    return (await fetch(`http://127.0.0.1:${town.tcp}/`, { client })).status;
  },
});
