/** Modules at https: addresses on loopback, with redirects and whatever else a host may do. */

import type { Authority } from "./authority.ts";

/** Source text, or the whole answer. */
type Answer = string | ((request: Request) => Response | Promise<Response>);

export interface ModuleServer extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** `address:port`, as `--egress-allow` takes it. */
  readonly address: string;
  /** Paths with their queries, in the order they were asked for. */
  readonly requests: string[];
  /** Serve this from now on; the path decides the content type. */
  put(path: string, answer: Answer): void;
}

const TYPES: Readonly<Record<string, string>> = {
  ts: "application/typescript",
  tsx: "text/tsx",
  js: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
};

/** Starts it on a free port; it ends with the scope (`await using`). */
export function startModuleServer(
  authority: Authority,
  answers: Readonly<Record<string, Answer>> = {},
): ModuleServer {
  const all = new Map(Object.entries(answers));
  const requests: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    tls: authority.tls,
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      requests.push(pathname + search);
      const answer = all.get(pathname + search) ?? all.get(pathname);
      if (answer === undefined) return new Response("Not found", { status: 404 });
      if (typeof answer !== "string") return answer(request);
      const type = TYPES[pathname.split(".").at(-1)!] ?? "text/plain";
      return new Response(answer, { headers: { "content-type": type } });
    },
  });
  return {
    origin: `https://localhost:${server.port}`,
    address: `127.0.0.1:${server.port}`,
    requests,
    put: (path, answer) => void all.set(path, answer),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
