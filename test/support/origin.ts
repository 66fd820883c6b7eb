/** A web server of the test's own, on loopback, that vals may be let through to with `--egress-allow`. */

export interface Origin extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `address:port`, as `--egress-allow` takes it. */
  readonly address: string;
  /** Requests so far. */
  readonly hits: () => number;
}

/** Starts it on a free port; it ends with the scope (`await using`). */
export function startOrigin(handler: (request: Request) => Response | Promise<Response>): Origin {
  let hits = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) => {
      hits += 1;
      return handler(request);
    },
  });
  const address = `127.0.0.1:${server.port}`;
  return {
    url: `http://${address}`,
    port: server.port!,
    address,
    hits: () => hits,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
