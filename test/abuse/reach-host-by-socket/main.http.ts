// Connects to the host through every client that is not fetch.
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as requestTls } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { anyOf, attack, type Town } from "./attempt.ts";

/** Settles with the first of these events of a node emitter. */
function outcome(
  emitter: { on(event: string, listener: (...args: unknown[]) => void): unknown },
  success: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    emitter.on(success, () => resolve(success));
    emitter.on("error", (error) => reject(error));
    emitter.on("close", () => reject(new Error("closed")));
  });
}

const hosts = (town: Town) => ["127.0.0.1", "::1", "localhost", ...town.addresses];
const options = (town: Town) => hosts(town).map((host) => ({ host, port: town.tcp, toString: () => host }));

export default attack({
  "Deno.connect": (town) =>
    anyOf(hosts(town), async (hostname) => (await Deno.connect({ hostname, port: town.tcp })).close()),
  "Deno.connectTls": (town) =>
    anyOf(hosts(town), async (hostname) => (await Deno.connectTls({ hostname, port: town.tcp })).close()),
  "node:net": (town) => anyOf(options(town), (to) => outcome(connect(to), "connect")),
  "node:net with a lookup of its own": (town) =>
    outcome(
      connect({
        host: "example.com",
        port: town.tcp,
        lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
      }),
      "connect",
    ),
  "node:tls": (town) =>
    anyOf(options(town), (to) => outcome(connectTls({ ...to, rejectUnauthorized: false }), "secureConnect")),
  "node:http": (town) => anyOf(options(town), (to) => outcome(request(to).end(), "response")),
  "node:http with a lookup of its own": (town) =>
    outcome(
      request({
        host: "example.com",
        port: town.tcp,
        lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
      }).end(),
      "response",
    ),
  "node:https": (town) =>
    anyOf(options(town), (to) => outcome(requestTls({ ...to, rejectUnauthorized: false }).end(), "response")),
  "node:http2": (town) =>
    anyOf(["127.0.0.1", "localhost"], (host) =>
      outcome(connectHttp2(`http://${host}:${town.tcp}`), "connect"),
    ),
});
