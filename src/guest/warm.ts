/** Pays, while the worker is still blank, for what Deno loads and V8 compiles at first use. */

import { Console } from "./intrinsics.ts";
import type { Server } from "./serve.ts";

/** Import a val of ours and answer requests with it through the worker's own socket. */
export async function warmUp(server: Server, socket: string): Promise<void> {
  const val = await import("./warm-val.ts");
  server.answerWith(val.default);
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  // Any name but localhost: Deno does not send that one through a proxy, and the net permission refuses it.
  const answers = [
    fetch("http://guest/", { client }),
    fetch("http://guest/?text=1", { client }),
    fetch("http://guest/", { client, method: "POST", body: '{"warm":true}' }),
  ];
  for (const answer of answers) await (await answer).text();
  client.close();
  const quiet = new Console(() => {});
  quiet.log("warm", 1, { a: [new Map([[1, new Date(0)]])] }, new Headers({ a: "b" }));
  quiet.error(new Error("warm"));
  server.hold();
}

/** Give up what only the guest needed: user code shall not connect to sockets, or put one in this one's place. */
export function dropPermissions(socket: string): void {
  const path = socket.slice(0, socket.lastIndexOf("/"));
  Deno.permissions.revokeSync({ name: "read", path });
  Deno.permissions.revokeSync({ name: "write", path });
}
