/** `oidc-provider` is a handler of Node's `http`: it listens on a unix socket, and requests are passed on to it there. */

import { chmodSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";

export interface Bridge {
  /** @param path with the query; below where the handler is mounted */
  fetch(path: string, request: { method: string; headers: Headers; body?: string }): Promise<Response>;
  close(): Promise<void>;
}

/** Fields that are about the connection, not about the answer. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "content-length", "date"];

/** @param mount the first part of each path, which the handler does not see */
export async function openBridge(
  socketPath: string,
  mount: string,
  handler: RequestListener,
): Promise<Bridge> {
  rmSync(socketPath, { force: true });
  const server = createServer((request, response) => {
    const { url = "/" } = request;
    // By the difference the handler knows how its own paths look from outside.
    Object.assign(request, { originalUrl: url, url: url.slice(mount.length) || "/" });
    handler(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return {
    async fetch(path, { method, headers, body }) {
      const answer = await fetch(`http://localhost${mount}${path}`, {
        ...{ unix: socketPath, method, headers, body, redirect: "manual", decompress: false },
      });
      const told = new Headers(answer.headers);
      for (const name of HOP_BY_HOP) told.delete(name);
      return new Response(answer.body, { status: answer.status, headers: told });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(socketPath, { force: true });
    },
  };
}
