// Connects to the host as a WebSocket or EventSource client.
import { anyOf, attack, type Town } from "./attempt.ts";

const hosts = (town: Town) =>
  ["127.0.0.1", "localhost", "[::1]", "2130706433"].flatMap((host) => [
    `${host}:${town.tcp}`,
    `${host}:${town.hamlet}`,
  ]);

function opened(target: EventTarget & { close(): void }): Promise<string> {
  return new Promise((resolve, reject) => {
    target.addEventListener("open", () => resolve("open"));
    target.addEventListener("error", () => {
      target.close();
      reject(new Error("the connection failed"));
    });
  });
}

export default attack({
  WebSocket: (town) => anyOf(hosts(town), (host) => opened(new WebSocket(`ws://${host}/`))),
  "WebSocket over TLS": (town) => anyOf(hosts(town), (host) => opened(new WebSocket(`wss://${host}/`))),
  WebSocketStream: (town) =>
    anyOf(hosts(town), async (host) => {
      const { WebSocketStream } = globalThis as unknown as {
        WebSocketStream: new (url: string) => { opened: Promise<unknown> };
      };
      await new WebSocketStream(`ws://${host}/`).opened;
    }),
  EventSource: (town) => anyOf(hosts(town), (host) => opened(new EventSource(`http://${host}/`))),
});
