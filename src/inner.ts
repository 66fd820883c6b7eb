/** The town's own pages and API: an ordinary web server on a unix socket, behind the same gateway as the vals. */

import { chmodSync, rmSync } from "node:fs";
import { socketIn } from "./folder.ts";
import type { Target } from "./pool/types.ts";

export interface Inner {
  readonly target: Target;
  close(): Promise<void>;
}

/** Serve `handler` on a socket in the data folder. */
export function serveInner(
  data: string,
  handler: { fetch(request: Request): Response | Promise<Response> },
): Inner {
  const socketPath = socketIn(data, "inner");
  rmSync(socketPath, { force: true });
  const server = Bun.serve({
    unix: socketPath,
    // The gateway has its limit, the API one for what it collects; blobs flow, read no faster than they are stored.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    fetch: (request, running) => {
      // A save waits for its build, which may have to fetch packages.
      running.timeout(request, 0);
      return handler.fetch(request);
    },
  });
  chmodSync(socketPath, 0o600);
  return {
    target: { id: "inner", socketPath },
    async close() {
      await server.stop(true);
      rmSync(socketPath, { force: true });
    },
  };
}
